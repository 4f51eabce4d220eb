package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"treasury-switch/internal/await"
)

// lockPoll is how often a lock held by another process is asked for again. flock itself cannot wait with a deadline.
const lockPoll = 20 * time.Millisecond

// A home folder has two locks, both of the kind that the kernel drops when a process ends, however it ends:
// changeLock is held exclusively while a server is started or stopped; usersLock is held shared by every user of the
// server for as long as it uses it, so whoever gets it exclusively knows that nobody does.
const (
	changeLock = "lock"
	usersLock  = "users"
)

// fileLock is a flock on an open file.
type fileLock struct{ file *os.File }

func openLock(home, name string) (fileLock, error) {
	file, err := os.OpenFile(filepath.Join(home, name), os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, fs.ErrPermission) {
		return fileLock{}, fmt.Errorf("%s belongs to another user: run as that user, "+
			"or choose another folder with TREASURY_VAR: %w", home, err)
	}
	if err != nil {
		return fileLock{}, fmt.Errorf("open lock: %w", err)
	}
	return fileLock{file}, nil
}

// try takes the lock without waiting; how is syscall.LOCK_SH or syscall.LOCK_EX.
func (l fileLock) try(how int) (bool, error) {
	for {
		err := syscall.Flock(int(l.file.Fd()), how|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		default:
			return false, fmt.Errorf("lock %s: %w", l.file.Name(), err)
		}
	}
}

// take waits for the lock until ctx ends.
func (l fileLock) take(ctx context.Context, how int) error {
	for {
		got, err := l.try(how)
		if got || err != nil {
			return err
		}
		if err := pause(ctx, lockPoll); err != nil {
			return fmt.Errorf("wait for %s, which another command holds: %w", l.file.Name(), err)
		}
	}
}

// release gives the lock back.
func (l fileLock) release() { _ = l.file.Close() }

// holdChange takes a home's change lock.
func holdChange(ctx context.Context, home string) (fileLock, error) {
	lock, err := openLock(home, changeLock)
	if err != nil {
		return fileLock{}, err
	}
	if err := lock.take(ctx, syscall.LOCK_EX); err != nil {
		lock.release()
		return fileLock{}, err
	}
	return lock, nil
}

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	if !await.Pause(ctx.Done(), d) {
		return ctx.Err()
	}
	return nil
}
