package iso

import "treasury-switch/identity"

// NetworkManagement is a 0800: sign-on, sign-off, echo, cut-over or key change,
// from a terminal, to the network or from it.
type NetworkManagement struct {
	Trace
	// Function is F70, such as FunctionEcho.
	Function string
	// Settlement is F15 (MMDD): the new business day of a cut-over.
	Settlement string
	// Forwarder is F33; the network requires it.
	Forwarder string
	// Terminal is F41 and Acceptor F42; a terminal may send them.
	Terminal, Acceptor string
	// Security is F53 and Key F96 (8 bytes), of a key change.
	Security, Key identity.Secret
}

// Encode writes the message into m and replaces what m held.
func (n *NetworkManagement) Encode(m *Message) {
	m.Reset()
	m.MTI = MTINetwork
	n.Trace.encode(m)
	m.setIf(FieldSettlement, n.Settlement)
	m.setIf(FieldForwarder, n.Forwarder)
	m.setIf(FieldTerminal, n.Terminal)
	m.setIf(FieldAcceptor, n.Acceptor)
	m.setIf(FieldSecurity, n.Security.Reveal())
	m.setIf(FieldManagement, n.Function)
	m.setIf(FieldKey, n.Key.Reveal())
}

// Decode reads the message from one that has passed Dialect.Check.
func (n *NetworkManagement) Decode(m *Message) Faults {
	d := decoder{m: m}
	d.expect(MTINetwork)
	*n = NetworkManagement{
		Function: d.need(FieldManagement), Settlement: d.optional(FieldSettlement, formDate), Forwarder: m.Get(FieldForwarder),
		Terminal: m.Get(FieldTerminal), Acceptor: m.Get(FieldAcceptor), Security: identity.NewSecret(m.Get(FieldSecurity)), Key: identity.NewSecret(m.Get(FieldKey)),
	}
	n.Trace.decode(&d)
	return d.faults
}
