package report

// RealisticRun is for tests from outside the package.
var RealisticRun = realisticRun
