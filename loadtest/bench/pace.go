package main

import "time"

// pace is how long things are measured.
type pace struct {
	scale        int // of TPC-B: 100,000 accounts each
	rounds       int // in which the yardstick and the product take turns
	fsyncs       int
	codec        time.Duration // for each message and direction
	tpcb         time.Duration
	copying      time.Duration // for each number of connections
	samplePaid   int           // payments whose rows are copied
	warmUp       time.Duration // of the ledger alone
	ledger       time.Duration
	step         time.Duration // of the search for the maximum
	endToEnd     time.Duration
	half         time.Duration
	idle         time.Duration
	heap         time.Duration // --long
	overload     time.Duration // --long
	historyTries int           // --long: runs of the rate on each database
}

// fullPace takes about half an hour.
var fullPace = pace{scale: 100, rounds: 3, fsyncs: 1000, codec: time.Second, tpcb: 20 * time.Second, copying: 6 * time.Second,
	samplePaid: 10_000, warmUp: 2 * time.Second, ledger: 10 * time.Second, step: 10 * time.Second, endToEnd: 60 * time.Second,
	half: 30 * time.Second, idle: 20 * time.Second, heap: 10 * time.Minute, overload: 60 * time.Second, historyTries: 3}

// quickPace does the same in two minutes, to see that everything works. Its figures say nothing.
var quickPace = pace{scale: 5, rounds: 1, fsyncs: 200, codec: 20 * time.Millisecond, tpcb: 3 * time.Second, copying: 2 * time.Second,
	samplePaid: 3_000, warmUp: time.Second, ledger: 3 * time.Second, step: 2 * time.Second, endToEnd: 5 * time.Second,
	half: 4 * time.Second, idle: 4 * time.Second, heap: 30 * time.Second, overload: 8 * time.Second, historyTries: 1}
