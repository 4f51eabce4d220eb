package relay

import (
	"net"
	"sync"
)

// chunk is how much is carried at once.
const chunk = 64 << 10

// conn is a client's connection and the one to the server that answers it.
type conn struct {
	relay  *Relay
	client *net.TCPConn
	server net.Conn
	gone   chan struct{}
	ending sync.Once

	// Guarded by the relay's lock, but for bound, which belongs to the goroutine that reads the client.
	name     string
	muted    Way // what a trap holds back
	vanished bool
	awaiting *trap           // springs at the confirmation of COMMIT
	bound    map[string]bool // prepared statements of the transaction
}

// end closes both sides, at once or in order.
func (c *conn) end(abruptly bool) {
	c.ending.Do(func() {
		close(c.gone)
		for _, side := range []net.Conn{c.client, c.server} {
			if abruptly {
				reset(side)
			}
			_ = side.Close() // It may be closed already.
		}
	})
}

// reset closes a connection with RST.
func reset(side net.Conn) {
	if tcp, is := side.(*net.TCPConn); is {
		_ = tcp.SetLinger(0) // A connection that is gone needs none.
	}
	_ = side.Close()
}

// pass waits until bytes may go a way; false means that the connection has ended.
func (c *conn) pass(way Way) bool {
	for {
		c.relay.mu.Lock()
		held := c.vanished || c.muted&way != 0
		for of, ways := range c.relay.held {
			held = held || ways&way != 0 && of.has(c.name)
		}
		changed := c.relay.changed
		c.relay.mu.Unlock()
		if !held {
			return true
		}
		c.relay.waiting.Add(1)
		select {
		case <-changed:
		case <-c.gone:
		}
		c.relay.waiting.Add(-1)
		select {
		case <-c.gone:
			return false
		default:
		}
	}
}

// gate writes to one side when it may.
type gate struct {
	conn *conn
	way  Way
}

// Write writes all of p, or says that the connection has ended.
func (g gate) Write(p []byte) (int, error) {
	if !g.conn.pass(g.way) {
		return 0, net.ErrClosed
	}
	if g.way == Up {
		return g.conn.server.Write(p)
	}
	return g.conn.client.Write(p)
}
