package node

import (
	"strings"
	"testing"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	switching "treasury-switch/switch"
)

// A city too long for field 43 is refused at the start, not shown to cardholders cut short.
func TestCityMustFitField43(t *testing.T) {
	c := Config{
		Folder: "x", Name: "x", MasterKeyFile: "x", Switch: switching.Config{Timers: switching.DefaultTimers, Limits: switching.DefaultLimits},
		Network: Links{Addresses: []string{"x"}, Count: 1, Wire: Wire{Dialect: iso.ShetabDialect()}},
	}
	for city, fits := range map[string]bool{"تهران": true, "خمینی\u200cشهر": true, "بندر امام خمینی": false, "": true} {
		c.Network.City = city
		err := c.check()
		if fits && err != nil || !fits && (!fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "TREASURY_CITY")) {
			t.Errorf("%q: %v", city, err)
		}
	}
}
