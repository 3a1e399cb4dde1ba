package cli

import "regexp"

// password is that of a URL, as an output's address may have one.
var password = regexp.MustCompile(`(://[^/?#\s:@]*):[^/?#\s]*@`)

// commandLine is the command as a run's record keeps it: without passwords,
// which the report would show to everybody.
func commandLine(args []string) []string {
	command := []string{"weir"}
	for _, arg := range args {
		command = append(command, password.ReplaceAllString(arg, "$1:***@"))
	}
	return command
}
