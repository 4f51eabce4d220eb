package postgres

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestAddressTakesNothingFromTheEnvironment(t *testing.T) {
	for name, value := range map[string]string{"PGHOST": "elsewhere", "PGPORT": "1", "PGUSER": "somebody", "PGPASSWORD": "secret",
		"PGDATABASE": "other", "PGOPTIONS": "-c fsync=off", "PGAPPNAME": "stranger", "PGTZ": "Asia/Tehran", "PGSSLMODE": "disable",
		"PGTARGETSESSIONATTRS": "read-only", "PGCONNECT_TIMEOUT": "99", "PGREQUIREAUTH": "gss", "PGSSLROOTCERT": "/nowhere"} {
		t.Setenv(name, value)
	}
	config, err := Config("postgres://treasury@database.example/switch")
	if err != nil {
		t.Fatal(err)
	}
	if config.Host != "database.example" || config.Port != 5432 || config.User != "treasury" || config.Database != "switch" {
		t.Errorf("connects to %s:%d/%s as %s", config.Host, config.Port, config.Database, config.User)
	}
	if config.Password != "" || config.TLSConfig == nil || config.ConnectTimeout != 5*time.Second {
		t.Errorf("password %q, TLS %v, timeout %v", config.Password, config.TLSConfig != nil, config.ConnectTimeout)
	}
	params := config.RuntimeParams
	if params["application_name"] != "treasury-switch" || params["timezone"] != "UTC" || params["options"] != "" {
		t.Errorf("session settings %v", params)
	}
	if config.ValidateConnect != nil {
		t.Error("the kind of session was taken from the environment")
	}
}

// Several hosts are a primary and its standbys: the primary is wanted, unless the address says otherwise.
func TestSeveralHostsMeanThePrimary(t *testing.T) {
	for _, c := range []struct {
		address string
		hosts   string
		primary bool
		timeout time.Duration
		limit   time.Duration
	}{
		{"postgres://a@one/d", "one:5432", false, 5 * time.Second, 10 * time.Second},
		{"postgres://a@one,two/d", "one:5432 two:5432", true, 2 * time.Second, 6 * time.Second},
		{"postgres://a@one:1,two,three:3/d?connect_timeout=7", "one:1 two:5432 three:3", true, 7 * time.Second, 28 * time.Second},
		{"postgres://a@/d?host=one,two&port=1,2", "one:1 two:2", true, 2 * time.Second, 6 * time.Second},
		{"postgres://a@/d?host=one,two", "one:5432 two:5432", true, 2 * time.Second, 6 * time.Second},
		{"postgres://a@one,two/d?target_session_attrs=any", "one:5432 two:5432", false, 2 * time.Second, 6 * time.Second},
	} {
		config, err := Config(c.address)
		if err != nil {
			t.Errorf("%s: %v", c.address, err)
			continue
		}
		hosts := []string{config.Host + ":" + strconv.Itoa(int(config.Port))}
		for _, f := range config.Fallbacks {
			if at := f.Host + ":" + strconv.Itoa(int(f.Port)); at != hosts[len(hosts)-1] {
				hosts = append(hosts, at)
			}
		}
		if got := strings.Join(hosts, " "); got != c.hosts || (config.ValidateConnect != nil) != c.primary || config.ConnectTimeout != c.timeout {
			t.Errorf("%s: hosts %s, the primary %v, within %s", c.address, got, config.ValidateConnect != nil, config.ConnectTimeout)
		}
		if got := ConnectLimit(config); got != c.limit {
			t.Errorf("%s: all of it within %s, want %s", c.address, got, c.limit)
		}
	}
}

func TestAddressKeepsWhatItSays(t *testing.T) {
	config, err := Config("postgres://a:b@h:6432/d?sslmode=disable&application_name=mine&connect_timeout=2")
	if err != nil {
		t.Fatal(err)
	}
	if config.Port != 6432 || config.Password != "b" || config.TLSConfig != nil || config.ConnectTimeout != 2*time.Second ||
		config.RuntimeParams["application_name"] != "mine" {
		t.Errorf("lost a setting: %+v", config.Config)
	}
}

func TestAddressRefusals(t *testing.T) {
	for _, c := range []struct{ address, says string }{
		{"", "postgres://"},
		{"host=localhost user=a password=hush dbname=d", "postgres://"},
		{"mysql://a:hush@h/d", "mysql"},
		{"postgres://h/d", "no user"},
		{"postgres://a:hush@/d", "no host"},
		{"postgres://a:hush@h", "no database"},
		{"postgres://a:hush@h:port/d", "not a URL"},
		{"postgres://a:hush@h/d?sslmode=maybe", "sslmode"},
	} {
		_, err := Config(c.address)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v, want a sentence with %q", c.address, err, c.says)
		}
		if err != nil && strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: the error shows the password: %v", c.address, err)
		}
	}
}

func TestDurabilityIsChecked(t *testing.T) {
	good := durability{fsync: "on", fullPageWrites: "on", synchronousCommit: "on"}
	if err := good.check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*durability){
		"fsync":              func(d *durability) { d.fsync = "off" },
		"full_page_writes":   func(d *durability) { d.fullPageWrites = "off" },
		"synchronous_commit": func(d *durability) { d.synchronousCommit = "local" },
		"standby":            func(d *durability) { d.recovering = true },
		"read_only":          func(d *durability) { d.readOnly = true },
	} {
		bad := good
		spoil(&bad)
		if err := bad.check(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
