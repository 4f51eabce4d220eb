package postgres

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// connectLimit bounds one attempt to connect, in whole seconds as the address spells it.
const connectLimit = "5"

// own is what an address means where it says nothing. Every setting that pgx would otherwise take from libpq's environment
// variables (PGHOST, PGPASSWORD, PGOPTIONS and so on) or from files in the home folder is set here, so that a program
// behaves alike in every shell.
var own = map[string]string{
	"application_name":     "treasury-switch",
	"connect_timeout":      connectLimit,
	"sslmode":              "prefer",
	"sslcert":              "",
	"sslkey":               "",
	"sslrootcert":          "",
	"sslpassword":          "",
	"sslsni":               "1",
	"sslcertmode":          "allow",
	"sslnegotiation":       "postgres",
	"target_session_attrs": "any",
	"passfile":             "",
	"timezone":             "UTC",
	"options":              "",
	"min_protocol_version": "3.0",
	"max_protocol_version": "3.0",
	"channel_binding":      "prefer",
	"require_auth":         "",

	// Of the session: how soon the server lets go of what a client holds that has vanished.
	"tcp_keepalives_idle":     seconds(keepIdle),
	"tcp_keepalives_interval": seconds(keepInterval),
	"tcp_keepalives_count":    strconv.Itoa(keepCount),
	"tcp_user_timeout":        strconv.FormatInt(userTimeout.Milliseconds(), 10),
}

// severalHosts is what an address with several hosts means where it says nothing else: the primary among them is wanted, and one that
// has vanished must not take all the time.
var severalHosts = map[string]string{"target_session_attrs": "read-write", "connect_timeout": "2"}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

// Address checks the address of a database (postgres://user:password@host:port/database?setting=value) and completes it, so
// that nothing is taken from libpq's environment variables. Errors do not repeat the address, which may hold a password.
func Address(address string) (string, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("the address of the database is not a URL like postgres://user@host:5432/database")
	}
	if parsed.Scheme != "postgres" && parsed.Scheme != "postgresql" {
		return "", fmt.Errorf("the address of the database must begin with postgres://, it is of kind %q", parsed.Scheme)
	}
	query := parsed.Query()
	if parsed.User.Username() == "" && query.Get("user") == "" {
		return "", fmt.Errorf("the address of the database names no user: postgres://user@host:5432/database")
	}
	if parsed.Hostname() == "" && query.Get("host") == "" {
		return "", fmt.Errorf("the address of the database names no host: postgres://user@host:5432/database")
	}
	if (parsed.Path == "" || parsed.Path == "/") && query.Get("dbname") == "" {
		return "", fmt.Errorf("the address of the database names no database: postgres://user@host:5432/database")
	}
	hosts := strings.Split(parsed.Host, ",")
	if query.Has("host") {
		hosts = strings.Split(query.Get("host"), ",")
	} else if !query.Has("port") {
		parsed.Host = withPorts(hosts)
	}
	if query.Has("host") && parsed.Port() == "" && !query.Has("port") {
		query.Set("port", "5432")
	}
	if len(hosts) > 1 {
		complete(query, severalHosts)
	}
	if _, given := parsed.User.Password(); !given && !query.Has("password") {
		query.Set("password", "")
	}
	complete(query, own)
	parsed.RawQuery = query.Encode()
	return parsed.String(), nil
}

// complete adds the settings that an address does not have.
func complete(query url.Values, defaults map[string]string) {
	for key, value := range defaults {
		if !query.Has(key) {
			query.Set(key, value)
		}
	}
}

// withPorts names the port of every host that has none.
func withPorts(hosts []string) string {
	all := make([]string, len(hosts))
	for i, host := range hosts {
		all[i] = host
		if host != "" && strings.LastIndexByte(host, ':') <= strings.LastIndexByte(host, ']') {
			all[i] += ":5432"
		}
	}
	return strings.Join(all, ",")
}

// WithDatabase is the same address for another database of the same server.
func WithDatabase(address, database string) (string, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("the address of the database is not a URL like postgres://user@host:5432/database")
	}
	parsed.Path = "/" + database
	return parsed.String(), nil
}

// Config reads an address for a single connection, by Address's rules.
func Config(address string) (*pgx.ConnConfig, error) {
	complete, err := Address(address)
	if err != nil {
		return nil, err
	}
	config, err := pgx.ParseConfig(complete)
	if err != nil {
		return nil, fmt.Errorf("the address of the database: %w", err) // pgx masks the password
	}
	config.DialFunc = dial
	return config, nil
}

// ConnectLimit bounds the whole of an attempt to connect, to one host after the other.
func ConnectLimit(config *pgx.ConnConfig) time.Duration {
	hosts := map[string]bool{hostOf(config.Host, config.Port): true}
	for _, other := range config.Fallbacks {
		hosts[hostOf(other.Host, other.Port)] = true
	}
	return time.Duration(len(hosts)+1) * config.ConnectTimeout
}

func hostOf(host string, port uint16) string { return host + " " + strconv.Itoa(int(port)) }

// Connect opens one connection to the address as its own user, for work outside a pool.
func Connect(ctx context.Context, address string) (*pgx.Conn, error) {
	return ConnectTo(ctx, address, nil)
}

// ConnectTo is Connect to a server that passes a check.
func ConnectTo(ctx context.Context, address string, check Check) (*pgx.Conn, error) {
	config, err := Config(address)
	if err != nil {
		return nil, err
	}
	Validate(&config.Config, check)
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	return conn, nil
}

// Analyse takes the statistics of a database's tables, as autovacuum does a minute after a load. Until then PostgreSQL joins whole
// tables row by row, for many minutes. It needs the rights of the tables' owner, and passes over those of others.
func Analyse(ctx context.Context, address string) error {
	if err := Execute(ctx, address, "ANALYZE"); err != nil {
		return fmt.Errorf("take the statistics of the tables: %w", err)
	}
	return nil
}

// Execute runs one statement on a connection of its own.
func Execute(ctx context.Context, address, statement string) error {
	conn, err := Connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, statement)
	return err
}
