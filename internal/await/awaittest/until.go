// Package awaittest has tests wait for what comes about by itself.
package awaittest

import (
	"context"
	"testing"
	"time"

	"treasury-switch/internal/await"
)

// limit is more than anything takes on a busy machine.
const limit = 20 * time.Second

// Until waits for something, and ends the test where it does not come about.
func Until(t testing.TB, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	for !ok() {
		if !await.Pause(ctx.Done(), 10*time.Millisecond) {
			t.Fatalf("it did not come about in %s", limit)
		}
	}
}
