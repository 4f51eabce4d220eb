package node

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/testdb"
)

// A node is not ready while a lane waits in its group and payments would be turned away for it, nor when it has written one for longer than a
// lane may; its page says so, although its other connections are well. When the lane goes on, the node is ready again.
func TestE8_NotReadyWhileItCannotRecord(t *testing.T) {
	_, address := standIn(t, "127.0.0.1:0")
	config := testConfig(t, address)
	config.Beat, config.Patience = 100*time.Millisecond, 500*time.Millisecond
	n, err := Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := n.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	}()
	says := func(status int, why string) {
		t.Helper()
		until(t, "/readyz says "+http.StatusText(status)+", "+why, func() bool {
			got, body := get(t, "http://"+n.Admin()+"/readyz")
			return got == status && strings.Contains(body, why)
		})
	}
	says(http.StatusOK, `"ready":true`)
	lane, err := testdb.Owner(t).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lane.Rollback(t.Context()) }() // It has ended where all is well.
	if _, err := lane.Exec(t.Context(), `SELECT FROM lane WHERE id > 0 FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	says(http.StatusServiceUnavailable, `{"name":"database","ready":false,"why":"lane 0 turns payments away, because those before them wait too long"}`)
	says(http.StatusServiceUnavailable, `{"name":"database","ready":false,"why":"lane 0 has been writing one group for `)
	if err := lane.Rollback(t.Context()); err != nil && err != pgx.ErrTxClosed {
		t.Fatal(err)
	}
	says(http.StatusOK, `{"name":"database","ready":true}`)
}
