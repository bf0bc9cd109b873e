import Glibc

Terminal.prepareProcess()
exit(Terminal(Console()).carryOut(CommandLine.words).rawValue)
