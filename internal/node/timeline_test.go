package node

import (
	"context"
	"strings"
	"testing"

	"treasury-switch/internal/postgres"

	"github.com/jackc/pgx/v5"
)

// cluster answers the questions about durability like a server with the given settings would.
type cluster struct {
	postgres.Querier
	fsync string
}

func (c cluster) QueryRow(context.Context, string, ...any) pgx.Row { return c }

func (c cluster) Scan(to ...any) error {
	for i, value := range []any{c.fsync, "on", "on", false, false} {
		switch v := value.(type) {
		case string:
			*to[i].(*string) = v
		case bool:
			*to[i].(*bool) = v
		}
	}
	return nil
}

func TestADatabaseThatForgetsIsRefused(t *testing.T) {
	for fsync, refused := range map[string]bool{"on": false, "off": true} {
		n := &Node{config: Config{Folder: t.TempDir()}}
		err := n.durable(t.Context(), cluster{fsync: fsync})
		if (err != nil) != refused || refused && !strings.Contains(err.Error(), "fsync is off") {
			t.Errorf("fsync %s: %v", fsync, err)
		}
	}
}
