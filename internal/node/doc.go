// Package node is one running treasury switch: it opens the database, repairs what an earlier crash left, signs on to the
// card network, listens for terminals, and takes all of that down again in order.
//
// The order of the start is part of the product's safety. A database whose COMMIT may be lost, or one that is older than
// one this node has seen, is refused. Payments that a crash left in doubt are decided before new ones are taken.
package node
