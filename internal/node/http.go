package node

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// serveAdmin serves metrics, health and the live state to operators and their monitoring. It comes up before the recovery, so
// that a start that takes long can be watched.
func (n *Node) serveAdmin(ctx context.Context) (err error) {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(n.metrics.Registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second}))
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ready := n.Ready(r.Context())
		status := http.StatusOK
		if !ready.Ready {
			status = http.StatusServiceUnavailable
		}
		answer(w, status, ready)
	})
	mux.HandleFunc("GET /links", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, n.live()) })
	// The command line is left out on purpose: it may hold the database's password.
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	n.admin, err = n.serveMux(ctx, n.config.Admin, "metrics and health", "TREASURY_ADMIN", mux)
	return err
}

// serveHTTP serves the public pages.
func (n *Node) serveHTTP(ctx context.Context) (err error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintf(w, "Treasury switch %s, node %s.\nVersion: /version  Health: /healthz\n", n.config.Version, n.config.Name)
	})
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"program": "treasury-switch", "version": n.config.Version, "node": n.config.Name})
	})
	n.http, err = n.serveMux(ctx, n.config.HTTP, "HTTP", "TREASURY_HTTP", mux)
	return err
}

// alive reports that the process runs. Whether it takes payments is another question: /readyz.
func alive(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]string{"status": "alive"})
}

// answer writes JSON that may not be cached.
func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // The client has gone if this fails.
}
