package fault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestKindOf(t *testing.T) {
	plain := errors.New("plain")
	inner := New(Conflict, "journal %d", 7)
	for name, row := range map[string]struct {
		err  error
		want Kind
	}{
		"nil":                     {nil, None},
		"plain":                   {plain, Bug},
		"made":                    {inner, Conflict},
		"wrapped by fmt":          {fmt.Errorf("post: %w", inner), Conflict},
		"outermost counts":        {New(Unknown, "commit: %w", inner), Unknown},
		"joined":                  {errors.Join(plain, inner), Conflict},
		"deadline":                {fmt.Errorf("send: %w", context.DeadlineExceeded), Unknown},
		"cancelled":               {context.Canceled, Unknown},
		"deadline before sending": {New(Unavailable, "connect: %w", context.DeadlineExceeded), Unavailable},
	} {
		if got := KindOf(row.err); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
		if got := Is(row.err, row.want); got != (row.err != nil) {
			t.Errorf("%s: is %s: %t", name, row.want, got)
		}
	}
	if Is(nil, None) || Is(inner, Invalid) {
		t.Error("no error, or a conflict, is what it is not")
	}
}

func TestNewKeepsTextAndChain(t *testing.T) {
	cause := errors.New("refused")
	err := New(Invalid, "terminal %s: %w", "10100001", cause)
	if err.Error() != "terminal 10100001: refused" || !errors.Is(err, cause) {
		t.Errorf("%v, of its cause: %t", err, errors.Is(err, cause))
	}
}

func TestEveryKindHasItsName(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Kinds() {
		if strings.Contains(k.String(), "kind(") || seen[k.String()] {
			t.Errorf("kind %d is called %s, as another: %t", k, k, seen[k.String()])
		}
		seen[k.String()] = true
	}
	if len(Kinds()) != len(names)-1 {
		t.Errorf("%d kinds, %d names", len(Kinds()), len(names))
	}
	if name := Kind(99).String(); name != "kind(99)" {
		t.Errorf("an unknown kind is called %s", name)
	}
}
