package stage

import (
	"context"
	"fmt"
	"net"
)

// FreeAddresses fills in those addresses that are empty with free ports of the loopback interface.
func (s *Settings) FreeAddresses(ctx context.Context) error {
	var config net.ListenConfig
	var held []net.Listener // All at once, so that no port is given twice.
	defer func() {
		for _, l := range held {
			_ = l.Close()
		}
	}()
	for _, address := range []*string{&s.Terminals, &s.HTTP, &s.Admin, &s.Network, &s.Faults} {
		if *address != "" {
			continue
		}
		l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("find a free port: %w", err)
		}
		held = append(held, l)
		*address = l.Addr().String()
	}
	return nil
}
