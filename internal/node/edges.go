package node

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/iso/server"
	"treasury-switch/iso/terminal"
	"treasury-switch/switch/payment"
)

// listen serves terminals.
func (n *Node) listen(ctx context.Context) (err error) {
	c := n.config.Terminals
	n.channel, err = terminal.New(terminal.Config{
		Dialect: c.Wire.Dialect, Switch: n.payments, Acquirer: c.Acquirer, Acquirers: c.Acquirers, Known: n.known, Today: n.today,
		Alarm: n.brokeOff, Now: n.clock.Now, Logger: n.log,
	})
	if err != nil {
		return err
	}
	answering := n.config.Switch.Timers.Switch
	config := server.Config{
		Name: "terminals", Framing: c.Wire.Framing, MAC: c.Wire.MAC, MaxConns: c.MaxConns, MaxPerAddress: c.MaxPerAddress,
		MaxInFlight: c.MaxInFlight, KeepAlive: c.KeepAlive, IdleTimeout: c.IdleTimeout, LingerTimeout: answering + 5*time.Second,
		Observe: n.message, Logger: n.log,
	}
	n.channel.Install(&config)
	listener, err := server.New(config)
	if err != nil {
		return err
	}
	l, err := bind(ctx, c.Address, "terminals", "TREASURY_TERMINALS")
	if err != nil {
		return err
	}
	n.terminals = l.Addr()
	n.listener.Store(listener) // The admin port is served already and may ask for it.
	n.serve("the terminals' listener", answering+10*time.Second, func() error { return listener.Serve(l) }, listener.Shutdown)
	n.metrics.Watch(n.watched())
	return nil
}

// known reports whether a terminal is in the list. Requests of a terminal that is not open are answered by the switch,
// because its payments are still repeated and reversed.
func (n *Node) known(id string) bool {
	_, ok := n.lists.Current().Terminal(id)
	return ok
}

// agencyOf is the agency of a terminal in the list.
func (n *Node) agencyOf(terminal string) (int32, bool) {
	t, ok := n.lists.Current().Terminal(terminal)
	return t.Agency, ok
}

// brokeOff tells operators of a bug in the work on a message.
func (n *Node) brokeOff() { n.metrics.Alarm(payment.BrokenOff) }

// Ready reports whether the node takes payments, and what is missing if not.
func (n *Node) Ready(ctx context.Context) Readiness {
	listening := condition{"terminals", func(context.Context) error {
		if n.listener.Load() == nil {
			return errors.New("the listener of terminals is not open yet")
		}
		return nil
	}}
	return look(ctx, append(conditions(n.pool, n.recorder, n.links), listening))
}

// bind listens; its error is one sentence that names the setting to change.
func bind(ctx context.Context, address, what, setting string) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "listening for %s on %s is not possible (choose another address by %s): %w", what, address, setting, err)
	}
	return l, nil
}

// serve runs a server until Stop, which shuts it down in order.
func (n *Node) serve(what string, limit time.Duration, serve func() error, shutdown func(context.Context) error) {
	ended := make(chan error, 1)
	go func() {
		err := serve()
		if err != nil && !errors.Is(err, http.ErrServerClosed) {
			n.fail(err)
		}
		ended <- err
	}()
	n.undo(what, limit, func(ctx context.Context) error {
		err := shutdown(ctx)
		<-ended
		return err
	})
}

// Bounds of the HTTP servers.
const (
	headerTimeout  = 5 * time.Second
	requestTimeout = 30 * time.Second
	keepAlive      = 2 * time.Minute
	maxHeader      = 16 << 10
	httpStop       = 5 * time.Second
)

// serveMux serves HTTP on an address.
func (n *Node) serveMux(ctx context.Context, address, what, setting string, mux http.Handler) (net.Addr, error) {
	l, err := bind(ctx, address, what, setting)
	if err != nil {
		return nil, err
	}
	s := &http.Server{Handler: mux, ReadHeaderTimeout: headerTimeout, ReadTimeout: requestTimeout, WriteTimeout: requestTimeout,
		IdleTimeout: keepAlive, MaxHeaderBytes: maxHeader}
	n.serve(what, httpStop, func() error { return s.Serve(l) }, func(ctx context.Context) error {
		if err := s.Shutdown(ctx); err != nil {
			return s.Close() // A client that holds its connection does not hold up the end.
		}
		return nil
	})
	return l.Addr(), nil
}
