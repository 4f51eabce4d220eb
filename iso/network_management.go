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
	m.setIf(15, n.Settlement)
	m.setIf(33, n.Forwarder)
	m.setIf(41, n.Terminal)
	m.setIf(42, n.Acceptor)
	m.setIf(53, n.Security.Reveal())
	m.setIf(70, n.Function)
	m.setIf(96, n.Key.Reveal())
}

// Decode reads the message from one that Dialect.Check has passed.
func (n *NetworkManagement) Decode(m *Message) Faults {
	d := decoder{m: m}
	d.expect(MTINetwork)
	*n = NetworkManagement{
		Function: d.need(70), Settlement: d.optional(15, formDate), Forwarder: m.Get(33),
		Terminal: m.Get(41), Acceptor: m.Get(42), Security: identity.NewSecret(m.Get(53)), Key: identity.NewSecret(m.Get(96)),
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
	m.setIf(39, string(a.Code))
	m.setIf(41, a.Terminal)
	m.setIf(42, a.Acceptor)
	m.setIf(70, a.Function)
	m.setIf(100, a.Receiver)
}

// Decode reads the answer from a message that Dialect.Check has passed.
func (a *NetworkManagementAnswer) Decode(m *Message) Faults {
	d := decoder{m: m}
	d.expect(MTINetworkAnswer)
	*a = NetworkManagementAnswer{
		Function: d.need(70), Terminal: m.Get(41), Acceptor: m.Get(42), Receiver: m.Get(100), Code: d.code(),
	}
	a.Trace.decode(&d)
	return d.faults
}
