package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"treasury-switch/internal/fault"
)

// screen is where a command draws a view repeatedly: in place on a terminal, one after the other elsewhere.
type screen struct {
	out  io.Writer
	live bool // a person looks at it
	rows func() int
	end  func()
}

// Control sequences for the terminal (ECMA-48 and xterm's screen for full-screen programs).
const (
	enterScreen = "\x1b[?1049h\x1b[?25l\x1b[?7l" // other screen, no cursor, long lines are cut
	leaveScreen = "\x1b[?7h\x1b[?25h\x1b[?1049l"
	home        = "\x1b[H"
	restOfLine  = "\x1b[K"
	restOfAll   = "\x1b[J"
)

// Keys that end the view. A terminal that gives single keys gives INT as one too.
const (
	keyQuit      = 'q'
	keyInterrupt = 3
)

// openScreen readies standard output for drawing. The context ends when the person wants it to.
func (a *app) openScreen(ctx context.Context) (*screen, context.Context, error) {
	out, ok := a.out.(*os.File)
	if !ok || a.globals.JSON || !term.IsTerminal(int(out.Fd())) {
		return &screen{out: a.out, end: func() {}}, ctx, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &screen{out: out, live: true, end: cancel, rows: func() int {
		_, rows, err := term.GetSize(int(out.Fd()))
		if err != nil || rows < 2 {
			return 24
		}
		return rows
	}}
	if in, ok := a.in.(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		before, err := term.MakeRaw(int(in.Fd()))
		if err != nil {
			cancel()
			return nil, nil, fault.New(fault.Unavailable, "the terminal gives no single keys: %w", err)
		}
		s.end = func() { cancel(); _ = term.Restore(int(in.Fd()), before) } // There is nothing to do about a terminal that is gone.
		go watchKeys(in, cancel)
	}
	fmt.Fprint(out, enterScreen)
	return s, ctx, nil
}

// watchKeys reads keys until one of them ends the view. It ends with the program, which may be waiting for a key.
func watchKeys(in io.Reader, quit func()) {
	key := make([]byte, 1)
	for {
		if _, err := in.Read(key); err != nil || key[0] == keyQuit || key[0] == keyInterrupt {
			quit()
			return
		}
	}
}

// draw shows a text of several lines. On a terminal it replaces the one before, and what does not fit is cut off below.
func (s *screen) draw(text string) {
	if !s.live {
		fmt.Fprintln(s.out, text)
		return
	}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	lines = lines[:min(len(lines), s.rows())]
	fmt.Fprint(s.out, home+strings.Join(lines, restOfLine+"\r\n")+restOfLine+restOfAll)
}

// close gives the terminal back.
func (s *screen) close() {
	if s.live {
		fmt.Fprint(s.out, leaveScreen)
	}
	s.end()
}
