package terminal

import (
	"context"

	"treasury-switch/iso"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// readManagement reads a 0800. Sign-on and sign-off change nothing, since no sign-on is required before other
// messages; they and echoes are answered 00.
func (c *Channel) readManagement(r *request) call {
	var n iso.NetworkManagement
	r.add(n.Decode(r.m)...)
	switch n.Function {
	case iso.FunctionSignOn, iso.FunctionSignOff, iso.FunctionEcho:
	default:
		if !r.faulty(iso.FieldManagement) {
			r.add(iso.Fault{Field: iso.FieldManagement, Reason: "is not served", Code: iso.RC12InvalidTransaction})
		}
	}
	return call{
		kind: KindManagement,
		ask:  func(context.Context) switching.Answer { return switching.Answer{Code: payment.OK} },
		fill: func(*iso.Message, switching.Answer) {},
	}
}
