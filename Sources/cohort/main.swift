import Glibc

exit(Terminal(Console()).run(CommandLine.words).rawValue)
