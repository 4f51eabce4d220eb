package switching

import (
	"testing"
	"time"

	"treasury-switch/registry"
	"treasury-switch/switch/payment"
)

// However many cases there were, what is asked for every minute, and the list that people look at, read the open ones.
func TestOpenCasesAreFoundAmongAnyNumber(t *testing.T) {
	t.Parallel()
	runtime, _ := shortPast.lived(t)
	open, oldest, err := NewStore(runtime).openCases(t.Context())
	if err != nil || open != shortPast.open || oldest.IsZero() {
		t.Fatalf("%d cases open since %v, %v", open, oldest, err)
	}
	list, err := ListCases(t.Context(), runtime, false, registry.Page{})
	if err != nil || len(list.Items) != open {
		t.Fatalf("%d cases listed, %v", len(list.Items), err)
	}
	wantReads(t, runtime, 2*open, `SELECT count(*), min(c.opened_at) FROM `+payment.OpenCasesOnly)
	wantReads(t, runtime, 2*open, `DELETE FROM open_case c WHERE `+payment.AnsweredCase)
	wantReads(t, runtime, 5*open, selectCases(payment.OpenCasesOnly, ` AND c.opened_at > $1`, ` ORDER BY c.opened_at LIMIT 100`), time.Time{})
}
