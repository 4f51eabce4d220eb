package node

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"treasury-switch/examples"
	"treasury-switch/internal/dbclock"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/internal/snapshot"
	"treasury-switch/migrations"
	"treasury-switch/registry"
	"treasury-switch/security/pan"
	"treasury-switch/tariffs"
)

// lockFile keeps a second node out of a folder: both would have one name and take each other's lanes.
const lockFile = "node.lock"

func (n *Node) lock(context.Context) error {
	if err := os.MkdirAll(n.config.Folder, 0o755); err != nil {
		return fault.New(fault.Invalid, "the node's folder (TREASURY_VAR) cannot be made: %w", err)
	}
	name := filepath.Join(n.config.Folder, lockFile)
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return fault.New(fault.Invalid, "the node's folder (TREASURY_VAR) cannot be written: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		return fault.New(fault.Conflict, "another switch runs with the folder %s: stop it, or give this one a folder of its own "+
			"by TREASURY_VAR", n.config.Folder)
	}
	n.undo("the folder's lock", time.Second, func(context.Context) error { return file.Close() })
	return nil
}

// openDatabase opens the database and refuses one that could lose payments. The timeline is checked before anything is
// written.
func (n *Node) openDatabase(ctx context.Context) (err error) {
	n.database, err = OpenDatabase(ctx, n.config.DatabaseURL, n.config.Folder, n.config.Dev, n.log)
	if err != nil {
		return err
	}
	n.undo("the database", closeLimit, func(context.Context) error { return n.database.Close() })
	if err := n.trust(ctx); err != nil {
		return err
	}
	if n.config.Dev {
		applied, err := migrations.Up(ctx, n.database.Address)
		if err != nil {
			return fault.New(fault.Unavailable, "%w", err)
		}
		n.log.Info("the database is migrated", "applied", applied)
	}
	if n.pool, err = n.database.Pool(ctx, postgres.Options{Name: "node " + n.config.Name, MaxConns: poolSize,
		Check: n.timelines.Check}); err != nil {
		return err
	}
	n.dropOldConnections()
	n.undo("the connections", closeLimit, func(context.Context) error { n.pool.Close(); return nil })
	if err := migrations.Migrated(ctx, n.pool); err != nil {
		return fault.New(fault.Conflict, "%w", err)
	}
	return nil
}

// poolSize bounds the connections beside those of the lanes: sweeping, forwarding, repeats, inquiries, lists.
const poolSize = 16

// trustLimit bounds the checks of the database at the start.
const trustLimit = 30 * time.Second

// trust checks the database before it is used.
func (n *Node) trust(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, trustLimit)
	defer cancel()
	if err := n.openTimelines(); err != nil {
		return err
	}
	conn, err := postgres.ConnectTo(ctx, n.database.Address, n.timelines.Check)
	switch {
	case fault.Is(err, fault.Conflict):
		return fault.New(fault.Conflict, "%s", oneLine(err))
	case err != nil:
		return fault.New(fault.Unavailable, "the database does not answer; start it or correct DATABASE_URL: %s", oneLine(err))
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // It was only read from.
	if err := n.durable(ctx, conn); err != nil {
		return err
	}
	if n.clock, err = dbclock.Start(ctx, func(ctx context.Context) (time.Time, error) { return postgres.Now(ctx, conn) }, n.log); err != nil {
		return fault.New(fault.Unavailable, "%w", err)
	}
	n.run("the watch over the clock", stopLimit, ticking(clockEvery, n.watchClock))
	return nil
}

// oneLine puts the lines of an error, such as one for each address that was tried, into one.
func oneLine(err error) string {
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\t' }), " ")
}

// openVault loads the master key, and makes one for development.
func (n *Node) openVault(ctx context.Context) error {
	master, err := pan.LoadMasterKey(n.config.MasterKeyFile)
	if n.config.Dev && fault.Is(err, fault.NotFound) {
		master, err = pan.CreateMasterKey(n.config.MasterKeyFile)
		if err == nil {
			n.log.Warn("a master key was made for development: without it no card number of this database can be read",
				"file", n.config.MasterKeyFile)
		}
	}
	if err != nil {
		return err
	}
	n.vault, err = pan.Open(ctx, n.pool, master)
	return err
}

// loadSample brings in the sample agencies, terminals and tariffs that are not there yet.
func (n *Node) loadSample(ctx context.Context) error {
	if !n.config.Dev {
		return nil
	}
	lists, err := fs.Sub(examples.Files, "registry")
	if err != nil {
		return fault.New(fault.Bug, "sample data: %w", err)
	}
	loaded, err := registry.LoadSample(ctx, n.pool, lists, n.clock.Now())
	if err != nil {
		return err
	}
	versions, err := sampleTariffs()
	if err != nil {
		return err
	}
	added, err := tariffs.LoadSample(ctx, n.pool, versions, n.clock.Now())
	if err != nil {
		return fmt.Errorf("sample tariffs: %w", err)
	}
	n.log.Info("sample data is loaded", "agencies", loaded.Agencies, "accounts", loaded.Accounts, "terminals", loaded.Terminals,
		"services", loaded.Services, "tariffs", added)
	return nil
}

// sampleTariffs reads the tariff files of the examples.
func sampleTariffs() ([]tariffs.Version, error) {
	var all []tariffs.Version
	err := fs.WalkDir(examples.Files, "tariffs", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		text, err := fs.ReadFile(examples.Files, name)
		if err != nil {
			return err
		}
		versions, err := tariffs.Parse(name, text)
		all = append(all, versions...)
		return err
	})
	return all, err
}

// watchLists loads the registry and the tariffs, and keeps them fresh from then on.
func (n *Node) watchLists(ctx context.Context) (err error) {
	if n.lists, err = registry.NewWatcher(ctx, n.pool, n.log); err != nil {
		return err
	}
	if n.tariffs, err = tariffs.NewWatcher(ctx, n.pool, n.log); err != nil {
		return err
	}
	n.run("the registry's watch", stopLimit, ticking(snapshot.PollEvery, n.lists.Run))
	n.run("the tariffs' watch", stopLimit, ticking(snapshot.PollEvery, n.tariffs.Run))
	return nil
}

// ticking gives a loop its ticks.
func ticking(every time.Duration, loop func(context.Context, <-chan time.Time)) func(context.Context) error {
	return func(ctx context.Context) error {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		loop(ctx, ticker.C)
		return nil
	}
}

// stopLimit bounds the end of a part that has nothing to finish.
const stopLimit = 15 * time.Second
