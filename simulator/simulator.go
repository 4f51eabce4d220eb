package simulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/iso/server"
)

// maxConnections bounds the connections of switches; all may come from one address.
const maxConnections = 256

// closeTime bounds how long Close waits for answers being written.
const closeTime = 2 * time.Second

// Simulator is one card network. Its methods may be called from any goroutine.
type Simulator struct {
	config  Config
	dialect *iso.Dialect
	book    *book
	faults  *faultBox
	links   links
	days    dayTable
	delays  delays
	counts  counts

	server          *server.Server
	control         *http.Server
	listener        net.Listener
	controlListener net.Listener
	serving         sync.WaitGroup
	closing         sync.Once
	closed          error
}

// counts are totals that the book does not keep.
type counts struct {
	notFound atomic.Int64 // reversals answered 25
	full     atomic.Int64 // purchases declined 91 because the book was full
}

// New makes a simulator that does not listen yet. A faulty Config shows at Start.
func New(config Config) *Simulator {
	return &Simulator{config: config, dialect: iso.ShetabDialect()}
}

// Start listens on both addresses and serves in the background until Close. The
// error is fault.Invalid for a bad Config and fault.Unavailable for an address
// that cannot be listened on; nothing is left running then. A Simulator is started
// once.
func (s *Simulator) Start(ctx context.Context) (err error) {
	if s.config, err = s.config.complete(); err != nil {
		return err
	}
	s.book = newBook(s.config.MaxRequests)
	s.faults = newFaultBox(s.config.Faults, s.config.Seed)
	s.days.day.Store(int32(s.config.Day))
	s.server, err = server.New(server.Config{
		Name: "shetab-simulator", Dialect: s.dialect, Direction: iso.ToNetwork, Framing: s.dialect.Framing(),
		MaxConns: maxConnections, MaxPerAddress: maxConnections,
		Handler: s.handle, Malformed: s.malformed, Logger: s.config.Logger,
	})
	if err != nil {
		return fmt.Errorf("start the simulator: %w", err)
	}
	if err := s.listen(ctx); err != nil {
		return err
	}
	s.control = s.newControl()
	s.serving.Go(func() { s.report("network", s.server.Serve(s.listener)) })
	s.serving.Go(func() { s.report("control", s.control.Serve(s.controlListener)) })
	s.config.Logger.Info("shetab simulator listens", "network", s.Addr(), "control", s.ControlAddr(),
		"day", s.Day().String(), "late", s.config.Late.String(), "seed", s.config.Seed)
	return nil
}

// listen opens both listeners or none.
func (s *Simulator) listen(ctx context.Context) (err error) {
	var config net.ListenConfig
	if s.listener, err = config.Listen(ctx, "tcp", s.config.Address); err != nil {
		return fault.New(fault.Unavailable, "start the simulator: %w", err)
	}
	if s.controlListener, err = config.Listen(ctx, "tcp", s.config.ControlAddress); err != nil {
		return fault.New(fault.Unavailable, "start the simulator's control port: %w", errors.Join(err, s.listener.Close()))
	}
	return nil
}

// report logs the end of a listener that nobody asked for.
func (s *Simulator) report(name string, err error) {
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		s.config.Logger.Error("a listener of the simulator ended", "listener", name, "error", err)
	}
}

// Addr is the address that switches connect to, once started.
func (s *Simulator) Addr() string { return s.listener.Addr().String() }

// ControlAddr is the address of the control port, once started.
func (s *Simulator) ControlAddr() string { return s.controlListener.Addr().String() }

// SetFaults replaces the faults (fault.Invalid if they make no sense).
func (s *Simulator) SetFaults(faults Faults) error {
	if err := faults.check(); err != nil {
		return err
	}
	s.faults.set(faults)
	s.config.Logger.Info("faults set", "faults", s.faults.get())
	return nil
}

// Faults returns the faults that hold.
func (s *Simulator) Faults() Faults { return s.faults.get() }

// Close ends every connection and returns when nothing runs any more; answers that
// wait to be sent late are lost. The ledger can still be read. Closing twice does
// nothing.
func (s *Simulator) Close() error {
	s.closing.Do(func() {
		if s.control == nil {
			return // Never started.
		}
		ctx, cancel := context.WithTimeout(context.Background(), closeTime)
		defer cancel()
		s.delays.close()
		// A connection that does not take its answers in time is closed by force,
		// which is no failure of the simulator.
		_ = s.server.Shutdown(ctx)
		if s.closed = s.control.Shutdown(ctx); s.closed != nil {
			s.closed = errors.Join(s.closed, s.control.Close())
		}
		s.serving.Wait()
		s.links.watchers.Wait()
	})
	return s.closed
}
