package fault

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
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
		require.Equal(t, row.want, KindOf(row.err), name)
		require.Equal(t, row.err != nil, Is(row.err, row.want), name)
	}
	require.False(t, Is(nil, None))
	require.False(t, Is(inner, Invalid))
}

func TestNewKeepsTextAndChain(t *testing.T) {
	cause := errors.New("refused")
	err := New(Invalid, "terminal %s: %w", "10100001", cause)
	require.EqualError(t, err, "terminal 10100001: refused")
	require.ErrorIs(t, err, cause)
}

func TestEveryKindHasItsName(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Kinds() {
		require.NotContains(t, k.String(), "kind(")
		require.False(t, seen[k.String()])
		seen[k.String()] = true
	}
	require.Len(t, Kinds(), len(names)-1)
	require.Equal(t, "kind(99)", Kind(99).String())
}
