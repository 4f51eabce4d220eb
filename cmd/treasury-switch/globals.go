package main

import (
	"log/slog"
	"os"
	"strings"
	"time"
)

// globals are the settings that every command has.
type globals struct {
	DatabaseURL string `name:"database-url" env:"DATABASE_URL" placeholder:"URL" help:"Address of the database, postgres://user@host:5432/database. Without it: the private PostgreSQL under --var."`
	Var         string `name:"var" env:"TREASURY_VAR" default:"./var" placeholder:"FOLDER" help:"Folder of what this node keeps: private PostgreSQL, master key, timeline. Default ${default}."`
	DayReach    int    `name:"day-reach" env:"TREASURY_DAY_REACH" default:"5" placeholder:"DAYS" help:"How many days the network's business day may be away from Tehran's date to be believed. Default ${default}."`
	JSON        bool   `name:"json" help:"Print JSON for programs."`
	ASCII       bool   `name:"ascii" env:"TREASURY_ASCII" help:"Draw tables with ASCII characters only."`
	LogLevel    string `name:"log-level" env:"TREASURY_LOG_LEVEL" enum:"auto,debug,info,warn,error" default:"auto" help:"Least severe log lines: ${enum}; auto is info for serve and warn for the rest."`
	LogFormat   string `name:"log-format" env:"TREASURY_LOG_FORMAT" enum:"text,json" default:"text" help:"Form of log lines on standard error: ${enum}."`
}

// logger writes to standard error. Nothing secret reaches it, because secrets are types that mask themselves.
func (a *app) logger(least slog.Level) *slog.Logger {
	if a.globals.LogLevel != "auto" {
		// The level is one of an enum, and all of its names are slog's.
		_ = least.UnmarshalText([]byte(strings.ToUpper(a.globals.LogLevel)))
	}
	options := &slog.HandlerOptions{Level: least}
	if a.globals.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(a.err, options))
	}
	return slog.New(slog.NewTextHandler(a.err, options))
}

// app readies what a command works with.
func (g *globals) app(s streams) *app {
	return &app{streams: s, globals: g, now: time.Now}
}

// terminal reports whether a stream is a terminal.
func terminal(stream any) bool {
	file, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// unicode reports whether tables may be drawn with box characters: a person looks, and the locale is UTF-8.
func (a *app) unicode() bool {
	if a.globals.ASCII || !terminal(a.out) {
		return false
	}
	locale := os.Getenv("LC_ALL") + os.Getenv("LC_CTYPE") + os.Getenv("LANG")
	return strings.Contains(strings.ToUpper(locale), "UTF")
}
