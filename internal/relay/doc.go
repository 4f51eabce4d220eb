// Package relay sits between programs and a server and breaks their connections as networks, hosts and servers do: it
// holds bytes back, cuts, resets, and lets a connection go dead without a word to either side, as a loss of power does.
// Of PostgreSQL's protocol it knows enough to do so at a chosen moment of a transaction. It is for tests and tortures,
// and serves the loopback interface only.
package relay
