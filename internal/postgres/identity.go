package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Identity tells one life of one server from all others.
type Identity struct {
	System   string    // identifier of the cluster, the same for a primary and its standbys
	Timeline uint32    // grows by each failover
	Started  time.Time // when the server was started
	Address  string    // where it was reached, as it sees it; empty over a unix socket
}

// Same reports whether it is the same life of the same server. By how many ways it is reached does not matter.
func (i Identity) Same(other Identity) bool {
	return i.System == other.System && i.Timeline == other.Timeline && i.Started.Equal(other.Started)
}

// inRecovery is the SQLSTATE of a standby that is asked where it writes: 55000, object_not_in_prerequisite_state.
const inRecovery = "55000"

const selectIdentity = `
SELECT (SELECT system_identifier FROM pg_control_system()), pg_walfile_name(pg_current_wal_lsn()),
       (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint, coalesce(host(inet_server_addr()) || ':' || inet_server_port(), '')`

// Identify asks who answers. The timeline is that of the file into which the server writes now: what it keeps of checkpoints lags behind a
// promotion. A standby is ErrNotWritable.
func Identify(ctx context.Context, conn *pgconn.PgConn) (id Identity, err error) {
	results, err := conn.Exec(ctx, selectIdentity).ReadAll()
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused) && refused.Code == inRecovery:
		return id, fmt.Errorf("%w: it is a standby", ErrNotWritable)
	case err != nil:
		return id, fmt.Errorf("ask the database who it is: %w", err)
	case len(results) != 1 || len(results[0].Rows) != 1 || len(results[0].Rows[0]) != 4:
		return id, errors.New("ask the database who it is: it gave no answer")
	}
	row := results[0].Rows[0]
	started, err := strconv.ParseInt(string(row[2]), 10, 64)
	if err != nil {
		return id, fmt.Errorf("ask the database who it is: it was started at %q", row[2])
	}
	id.System, id.Started, id.Address = string(row[0]), time.UnixMicro(started), string(row[3])
	id.Timeline, err = timelineOf(string(row[1]))
	return id, err
}

// timelineOf reads the timeline from the name of a file of the log: its first eight digits, in hexadecimal.
func timelineOf(file string) (uint32, error) {
	const digits = 8
	if len(file) != 3*digits {
		return 0, fmt.Errorf("ask the database for its timeline: %q is no file of its log", file)
	}
	n, err := strconv.ParseUint(file[:digits], 16, 32)
	if err != nil {
		return 0, fmt.Errorf("ask the database for its timeline: %q is no file of its log", file)
	}
	return uint32(n), nil
}

// Check may refuse a server to which a connection was just made. Where the address names several hosts, the next one is tried.
type Check func(Identity) error

// Validate has every connection that a configuration makes pass a check; a nil one passes all.
func Validate(config *pgconn.Config, check Check) {
	if check == nil {
		return
	}
	before := config.ValidateConnect
	config.ValidateConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		if before != nil {
			if err := before(ctx, conn); err != nil {
				return err
			}
		}
		id, err := Identify(ctx, conn)
		if err != nil {
			return err
		}
		return check(id)
	}
}
