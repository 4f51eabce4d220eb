package await

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, done := time.Now(), make(chan struct{})
		if !Pause(done, time.Minute) || time.Since(began) != time.Minute {
			t.Errorf("a pause of a minute took %v", time.Since(began))
		}
		time.AfterFunc(time.Second, func() { close(done) })
		if Pause(done, time.Minute) || time.Since(began) != time.Minute+time.Second {
			t.Errorf("what ended after a second was waited for until %v", time.Since(began))
		}
		if Pause(done, time.Minute) || time.Since(began) != time.Minute+time.Second {
			t.Errorf("what had ended was waited for until %v", time.Since(began))
		}
		for range 100 { // A timer that has fired already would be chosen half of the times.
			if Pause(done, 0) || !Pause(nil, 0) {
				t.Fatal("a pause of no time does not see what has ended, or ends by itself")
			}
		}
		if !Pause(nil, time.Minute) {
			t.Error("nothing ended, and the pause did")
		}
	})
}
