package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/postgres"
)

// host is the machine of a run, so that two results can be compared.
type host struct {
	Cores      int               `json:"cores"`
	Processor  string            `json:"processor"`
	Kernel     string            `json:"kernel"`
	Memory     string            `json:"memory"`
	Go         string            `json:"go"`
	PostgreSQL string            `json:"postgresql"`
	Settings   map[string]string `json:"settings"` // of PostgreSQL, and of the kernel what it may keep unwritten
}

// durable are the settings that must be on, or no figure counts.
var durable = []string{"fsync", "synchronous_commit", "full_page_writes"}

// described are other settings that affect speed.
var described = []string{"shared_buffers", "wal_buffers", "max_wal_size", "min_wal_size", "checkpoint_timeout",
	"checkpoint_completion_target", "wal_compression", "wal_sync_method", "wal_level", "data_checksums", "commit_delay",
	"autovacuum", "autovacuum_vacuum_cost_limit", "bgwriter_delay", "backend_flush_after", "max_connections"}

// describeHost reads the machine and the server, and refuses a server that is not durable.
func describeHost(ctx context.Context, address string) (host, error) {
	h := host{Cores: runtime.NumCPU(), Go: runtime.Version(), Kernel: firstLine("/proc/sys/kernel/osrelease"),
		Processor: field("/proc/cpuinfo", "model name"), Memory: field("/proc/meminfo", "MemTotal"), Settings: map[string]string{}}
	conn, err := postgres.Connect(ctx, address)
	if err != nil {
		return h, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, `SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY($1) OR name = 'server_version'`,
		slices.Concat(durable, described))
	if err != nil {
		return h, fmt.Errorf("read the settings of PostgreSQL: %w", err)
	}
	var name, value string
	if _, err = pgx.ForEachRow(rows, []any{&name, &value}, func() error { h.Settings[name] = value; return nil }); err != nil {
		return h, fmt.Errorf("read the settings of PostgreSQL: %w", err)
	}
	h.PostgreSQL = h.Settings["server_version"]
	h.Settings[keptLimit] = runningKernel.get(keptLimit)
	delete(h.Settings, "server_version")
	for _, name := range durable {
		if h.Settings[name] != "on" {
			return h, fmt.Errorf("%s of PostgreSQL is %q: nothing is measured without it", name, h.Settings[name])
		}
	}
	return h, nil
}

// String is the host in one line, the settings that decide about speed in another.
func (h host) String() string {
	var settings []string
	for _, name := range slices.Concat(durable, described, []string{keptLimit}) {
		if value, ok := h.Settings[name]; ok {
			settings = append(settings, name+"="+value)
		}
	}
	return fmt.Sprintf("%d cores (%s), %s, Linux %s, %s, PostgreSQL %s\n%s", h.Cores, h.Processor, h.Memory, h.Kernel, h.Go,
		h.PostgreSQL, strings.Join(settings, " "))
}

// unknown is what cannot be read.
const unknown = "unknown"

func firstLine(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return unknown
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}

// field is the first value of a name in a file of "name: value" lines.
func field(path, name string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return unknown
	}
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + `\s*:\s*(.*)$`).FindSubmatch(text)
	if found == nil {
		return unknown
	}
	return string(found[1])
}
