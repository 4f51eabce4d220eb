package simulator

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
)

// maxBody bounds the body of a request to the control port, in bytes.
const maxBody = 64 << 10

// endpoint does one request of the control port and returns what to show.
type endpoint func(r *http.Request) (any, error)

// newControl makes the HTTP server of the control port. It is for the machine it
// runs on and has no sign-in; pages of other sites in a browser on that machine are
// turned away by their Origin and Sec-Fetch-Site headers.
func (s *Simulator) newControl() *http.Server {
	paths := map[string]map[string]endpoint{
		"/healthz": {http.MethodGet: s.getHealth},
		"/ledger":  {http.MethodGet: s.getLedger},
		"/totals":  {http.MethodGet: s.getTotals},
		"/faults":  {http.MethodGet: s.getFaults, http.MethodPost: s.postFaults},
		"/cutover": {http.MethodPost: s.postCutOver},
	}
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, http.StatusForbidden, "requests of other sites' pages are not taken")
	}))
	return &http.Server{
		Handler:           guard.Handler(route(paths)),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      2 * time.Minute, // A full ledger is hundreds of megabytes.
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.config.Logger.Handler(), slog.LevelWarn),
	}
}

// route finds the endpoint of a path and method; every failure is a problem
// document.
func route(paths map[string]map[string]endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		methods, known := paths[r.URL.Path]
		if !known {
			writeProblem(w, http.StatusNotFound, "there is "+listed(paths))
			return
		}
		do, allowed := methods[r.Method]
		if !allowed {
			w.Header().Set("Allow", listed(methods))
			writeProblem(w, http.StatusMethodNotAllowed, "allowed: "+listed(methods))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		value, err := do(r)
		if err != nil {
			writeProblem(w, statusOf(err), err.Error())
			return
		}
		writeJSON(w, http.StatusOK, "application/json", value)
	})
}

// health is the answer of GET /healthz.
type health struct {
	Status string        `json:"status"`
	Day    calendar.Date `json:"day"`
	Links  int           `json:"links"` // connections that are signed on
}

// getHealth reports that the simulator runs.
func (s *Simulator) getHealth(*http.Request) (any, error) {
	return health{Status: "ok", Day: s.Day(), Links: len(s.links.list())}, nil
}

// getLedger shows the ledger, or with ?state=debited or reversed a part of it; the
// totals are always of the whole.
func (s *Simulator) getLedger(r *http.Request) (any, error) {
	state := State(r.URL.Query().Get("state"))
	if state != "" && state != Debited && state != Reversed {
		return nil, fault.New(fault.Invalid, "state %q: want debited or reversed", state)
	}
	ledger := s.Ledger()
	if state == "" {
		return ledger, nil
	}
	kept := ledger.Debits[:0]
	for _, debit := range ledger.Debits {
		if debit.State == state {
			kept = append(kept, debit)
		}
	}
	ledger.Debits = kept
	return ledger, nil
}

// getTotals sums the ledger up, which costs little also where it is large.
func (s *Simulator) getTotals(*http.Request) (any, error) { return s.Totals(), nil }

// dealtFaults is the answer of GET and POST /faults: the current faults, and those
// dealt so far to the answers in scope.
type dealtFaults struct {
	Faults Faults           `json:"faults"`
	Dealt  map[string]int64 `json:"dealt"`
}

// getFaults shows the faults that hold.
func (s *Simulator) getFaults(*http.Request) (any, error) {
	shown := dealtFaults{Faults: s.Faults(), Dealt: map[string]int64{}}
	for what, name := range ailmentNames {
		shown.Dealt[name] = s.faults.dealt[what].Load()
	}
	return shown, nil
}

// postFaults replaces the faults; those not named are off.
func (s *Simulator) postFaults(r *http.Request) (any, error) {
	var faults Faults
	if err := readObject(r.Body, &faults); err != nil {
		return nil, err
	}
	if err := s.SetFaults(faults); err != nil {
		return nil, err
	}
	return s.getFaults(r)
}

// postCutOver begins a business day; an empty body means the next day.
func (s *Simulator) postCutOver(r *http.Request) (any, error) {
	var asked struct {
		Day calendar.Date `json:"day"`
	}
	if err := readObject(r.Body, &asked); err != nil {
		return nil, err
	}
	return s.CutOver(r.Context(), asked.Day)
}

// readObject reads a JSON object strictly, see strictObject. An empty body is an
// empty object.
func readObject(body io.Reader, into any) error {
	text, err := io.ReadAll(body)
	if err != nil {
		return fault.New(fault.Invalid, "reading the request: %w", err)
	}
	return strictObject(text, into)
}

// writeJSON writes a value as indented JSON.
func writeJSON(w http.ResponseWriter, status int, kind string, value any) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// An error below means that the client has gone.
	if ledger, is := value.(Ledger); is {
		_ = ledger.write(w)
		return
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(value)
}
