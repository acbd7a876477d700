// Package oracle decides one concrete request as AWS documents it, step by step.
// It is the second opinion on package access, which decides sets of requests:
// slow, obvious, and without a line of code in common with it. Each step is a
// file that names its source.
//
// A request and everything that decides it are given; so there is nothing to
// search for, and no automaton or interval in here. Wildcards are matched by
// trying, conditions are compared value by value.
//
// Where AWS does not document the outcome, the answer is Unknown, and it stays
// Unknown unless something that is documented settles the decision all the same.
//
// Only tests import this package.
package oracle
