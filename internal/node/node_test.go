package node

import (
	"encoding/json"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/testdb"
)

// get asks the node and gives status and body.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// missing lists the conditions that /readyz says are not met.
func missing(t *testing.T, n *Node) (status int, names []string) {
	t.Helper()
	status, body := get(t, "http://"+n.Admin()+"/readyz")
	var r Readiness
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	for _, c := range r.Checks {
		if !c.Ready {
			names = append(names, c.Name)
		}
	}
	if r.Ready != (len(names) == 0) {
		t.Errorf("ready is %t and these are missing: %v", r.Ready, names)
	}
	return status, names
}

// until waits for a condition that another goroutine brings about.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(time.Minute); !holds(); {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("%s did not happen", what)
		}
	}
}

func TestReadinessFollowsNetworkAndDatabase(t *testing.T) {
	testdb.URL(t)
	leaks := goleak.IgnoreCurrent()
	network, address := standIn(t, "127.0.0.1:0")
	n, err := Start(t.Context(), testConfig(t, address))
	if err != nil {
		t.Fatal(err)
	}
	if status, names := missing(t, n); status != http.StatusOK || len(names) > 0 {
		t.Errorf("after the start: %d, missing %v", status, names)
	}
	network.Close()
	until(t, "not ready without a link", func() bool {
		status, names := missing(t, n)
		return status == 503 && strings.Join(names, " ") == "network"
	})
	if status, body := get(t, "http://"+n.Admin()+"/healthz"); status != http.StatusOK || !strings.Contains(body, "alive") {
		t.Errorf("alive without a link: %d %s", status, body)
	}
	standIn(t, address)
	until(t, "ready with the link again", func() bool { status, _ := missing(t, n); return status == http.StatusOK })
	n.pool.Close()
	if status, names := missing(t, n); status != 503 || strings.Join(names, " ") != "database migrations" {
		t.Errorf("without the database: %d, missing %v", status, names)
	}
	if err := n.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if err := goleak.Find(leaks, goleak.IgnoreAnyFunction("treasury-switch/iso/server.(*Server).Serve")); err != nil {
		t.Errorf("goroutines are left: %v", err)
	}
}

// running is a node beside a stand-in for the network, and what stops it.
func running(t *testing.T) (n *Node, stop func()) {
	t.Helper()
	_, address := standIn(t, "127.0.0.1:0")
	n, err := Start(t.Context(), testConfig(t, address))
	if err != nil {
		t.Fatal(err)
	}
	return n, func() {
		if err := n.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	}
}

func TestPagesOfANode(t *testing.T) {
	n, stop := running(t)
	defer stop()
	for url, want := range map[string]string{
		"http://" + n.HTTP() + "/":         "Treasury switch test, node test",
		"http://" + n.HTTP() + "/version":  `"version":"test"`,
		"http://" + n.HTTP() + "/healthz":  "alive",
		"http://" + n.Admin() + "/metrics": "treasury_ready 1",
		"http://" + n.Admin() + "/links":   `"state":"signed on"`,
	} {
		if status, body := get(t, url); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d, want %q in\n%s", url, status, want, body)
		}
	}
	if status, _ := get(t, "http://"+n.HTTP()+"/metrics"); status != http.StatusNotFound {
		t.Errorf("metrics are served to everybody: %d", status)
	}
}

func TestWhatStartRefuses(t *testing.T) {
	_, address := standIn(t, "127.0.0.1:0")
	busy := testConfig(t, address)
	n, err := Start(t.Context(), busy)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = n.Stop() }()
	until(t, "the start of the busy node's jobs", func() bool { // They are no leak of another node.
		var all [1 << 20]byte
		return strings.Count(string(all[:runtime.Stack(all[:], true)]), "(*Switch).repeatedly(") == 10
	})
	for name, c := range map[string]struct {
		change func(*Config)
		kind   fault.Kind
		says   string
	}{
		"folder in use":     {func(c *Config) { c.Folder = busy.Folder }, fault.Conflict, "another switch runs with the folder"},
		"port in use":       {func(c *Config) { c.Admin = n.Admin() }, fault.Unavailable, "TREASURY_ADMIN"},
		"no ladder":         {func(c *Config) { c.Switch.Timers.Network = c.Switch.Timers.Switch }, fault.Invalid, "TREASURY_TIMER_"},
		"not migrated":      {func(c *Config) { c.Dev, c.DatabaseURL = false, testdb.Empty(t) }, fault.Conflict, "treasury-switch migrate"},
		"no master key":     {func(c *Config) { c.Dev = false }, fault.NotFound, "master key"},
		"other master key":  {func(c *Config) {}, fault.Denied, "master key"},
		"no database":       {func(c *Config) { c.DatabaseURL = "postgres://nobody@127.0.0.1:1/none" }, fault.Unavailable, "DATABASE_URL"},
		"no database named": {func(c *Config) { c.Dev, c.DatabaseURL = false, "" }, fault.NotFound, "set DATABASE_URL"},
	} {
		t.Run(name, func(t *testing.T) {
			leaks := goleak.IgnoreCurrent()
			config := busy
			config.Folder, config.Name = t.TempDir(), "other"
			config.MasterKeyFile = config.Folder + "/master.key"
			if name == "port in use" {
				config.MasterKeyFile = busy.MasterKeyFile
			}
			c.change(&config)
			started, err := Start(t.Context(), config)
			if err == nil {
				_ = started.Stop()
				t.Fatal("it started")
			}
			if fault.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %s: %v", fault.KindOf(err), err)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("not one sentence: %v", err)
			}
			if err := goleak.Find(leaks); err != nil {
				t.Errorf("goroutines are left: %v", err)
			}
		})
	}
}
