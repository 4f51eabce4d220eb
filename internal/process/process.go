// Package process runs other programs of the product as child processes that do not outlive their parent: demonstrations and
// tests of the whole program start, kill and restart them.
package process

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// drainLimit bounds the wait for the rest of a child's output after its end.
const drainLimit = 2 * time.Second

// Process is a running child. Its methods may be called from any goroutine.
type Process struct {
	name  string
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // of the end; read after ended is closed
}

// Start runs a program with its standard output and error written to log. The child has a process group of its own, so that
// an interrupt typed at a terminal reaches the parent alone, which then ends its children in order. It is asked to end
// (SIGTERM) by the kernel should the parent die without having done so.
func Start(log io.Writer, path string, args ...string) (*Process, error) {
	return StartWith(log, nil, path, args...)
}

// StartWith is Start with more settings (NAME=value) in the environment of the program.
func StartWith(log io.Writer, environment []string, path string, args ...string) (*Process, error) {
	cmd := exec.Command(path, args...)
	cmd.Env = append(cmd.Environ(), environment...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.WaitDelay = drainLimit
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	started := make(chan error)
	starter() <- func() { started <- cmd.Start() }
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	p := &Process{name: path, cmd: cmd, ended: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// starter hands work to the one thread that starts children and never ends: the kernel counts the end of the thread that
// started a child as the parent's death.
var starter = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for start := range work {
			start()
		}
	}()
	return work
})

// PID is the child's process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Ended is closed when the child has ended and its output has been written.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Err is how the child ended: nil for exit code 0. It waits for the end.
func (p *Process) Err() error {
	<-p.ended
	if p.err != nil {
		return fmt.Errorf("%s: %w", p.name, p.err)
	}
	return nil
}

// Running reports whether the child has not ended yet.
func (p *Process) Running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// signal sends a signal to the child's process group. A group that is gone needs none.
func (p *Process) signal(s syscall.Signal) {
	if p.Running() {
		_ = syscall.Kill(-p.PID(), s)
	}
}

// Freeze stops the child where it is (SIGSTOP): it does nothing until Thaw, and knows nothing of it.
func (p *Process) Freeze() { p.signal(syscall.SIGSTOP) }

// Thaw lets a frozen child go on.
func (p *Process) Thaw() { p.signal(syscall.SIGCONT) }

// Ask asks the child to end (SIGTERM), and does not wait.
func (p *Process) Ask() { p.signal(syscall.SIGTERM) }

// Kill ends the child at once with SIGKILL, as a crash would, and waits until it is gone.
func (p *Process) Kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// Stop asks the child to end with SIGTERM and waits for it; where ctx ends first, the child is killed. The error says that
// it did not end by itself or ended with a failure.
func (p *Process) Stop(ctx context.Context) error {
	p.signal(syscall.SIGTERM)
	select {
	case <-p.ended:
		return p.Err()
	case <-ctx.Done():
		p.Kill()
		return fmt.Errorf("%s did not end when asked to, and was killed: %w", p.name, ctx.Err())
	}
}
