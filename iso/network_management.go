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
	// Forwarder is F33; the network wants it.
	Forwarder string
	// Terminal is F41 and Acceptor F42; a terminal may send them.
	Terminal, Acceptor string
	// Security is F53 and Key F96 (8 bytes), of a key change.
	Security, Key identity.Secret
}

// Encode writes the message into m, whatever m held before.
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

// Decode reads the message from one that Dialect.Check has passed.
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

// Answer begins the answer: what an answer repeats of its request is filled in.
func (n *NetworkManagement) Answer(code Code) NetworkManagementAnswer {
	return NetworkManagementAnswer{
		Trace: n.Trace, Function: n.Function, Terminal: n.Terminal, Acceptor: n.Acceptor, Code: code,
	}
}

// NetworkManagementAnswer is a 0810.
type NetworkManagementAnswer struct {
	Trace
	// Function is F70, repeated.
	Function string
	// Terminal is F41 and Acceptor F42, repeated to a terminal.
	Terminal, Acceptor string
	// Receiver is F100; the network wants and gives it.
	Receiver string
	Code     Code
}

// Encode writes the answer into m, whatever m held before.
func (a *NetworkManagementAnswer) Encode(m *Message) {
	m.Reset()
	m.MTI = MTINetworkAnswer
	a.Trace.encode(m)
	m.setIf(FieldCode, string(a.Code))
	m.setIf(FieldTerminal, a.Terminal)
	m.setIf(FieldAcceptor, a.Acceptor)
	m.setIf(FieldManagement, a.Function)
	m.setIf(FieldReceiver, a.Receiver)
}

// Decode reads the answer from a message that Dialect.Check has passed.
func (a *NetworkManagementAnswer) Decode(m *Message) Faults {
	d := decoder{m: m}
	d.expect(MTINetworkAnswer)
	*a = NetworkManagementAnswer{
		Function: d.need(FieldManagement), Terminal: m.Get(FieldTerminal), Acceptor: m.Get(FieldAcceptor), Receiver: m.Get(FieldReceiver), Code: d.code(),
	}
	a.Trace.decode(&d)
	return d.faults
}
