package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// stopLimit bounds an orderly stop. A fast shutdown ends sessions, writes a checkpoint and takes seconds at most.
const stopLimit = 30 * time.Second

// stop ends the server of a home by a fast shutdown and waits until it is gone. The caller holds the change lock.
func stop(ctx context.Context, h home) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
	defer cancel()
	known, ok, err := readState(h)
	if err != nil {
		return err
	}
	pid := postmaster(h)
	if pid != 0 {
		if err := syscall.Kill(pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop private PostgreSQL in %s: %w", h.dir, err)
		}
	}
	for pid != 0 && postmaster(h) == pid {
		if err := pause(ctx, startPoll); err != nil {
			return fmt.Errorf("private PostgreSQL in %s does not stop, see %s: %w", h.dir, h.log(), err)
		}
	}
	if ok {
		_ = os.RemoveAll(known.SocketDir)
	}
	return nil
}
