package payment

import (
	"testing"

	"treasury-switch/ledger"
)

// Whatever a plan writes is known again by its record, or written so that a repetition changes nothing: no plan may do anything else.
func TestAPlanWithoutARecordDoesNothingTwice(t *testing.T) {
	p := Payment{Intent: &Intent{}}
	for what, c := range map[string]struct {
		plan Plan
		good bool
	}{
		"again later":                     {Plan{Payment: p, Task: BackOff, Tries: 1}, true},
		"again later, counted":            {Plan{Payment: p, Task: BackOffHard, Tries: 1}, true},
		"again, of no known try":          {Plan{Payment: p, Task: BackOff}, false},
		"counted, of no known try":        {Plan{Payment: p, Task: BackOffHard}, false},
		"a queued reversal":               {Plan{Payment: p, Task: QueueNow, Amount: 1}, false},
		"dequeued":                        {Plan{Payment: p, Task: Dequeue}, false},
		"a case":                          {Plan{Payment: p, Task: BackOff, Tries: 1, Case: PostingFailed}, false},
		"money":                           {Plan{Payment: p, Journal: &ledger.Journal{}}, false},
		"an intent":                       {Plan{Payment: p, New: true}, true},
		"an intent and a queued reversal": {Plan{Payment: p, New: true, Task: QueueNow, Amount: 1}, false},
	} {
		if err := c.plan.Check(); (err == nil) != c.good {
			t.Errorf("%s: %v", what, err)
		}
	}
}
