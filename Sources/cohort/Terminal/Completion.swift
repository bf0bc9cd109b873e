extension Subcommand {
  static let completion = Subcommand(
    "completion", [Operand("SHELL", "bash, zsh or fish", .oneOf(["bash", "zsh", "fish"]))],
    summary: "Print a script that completes commands, for a shell to read.",
    examples: [
      "completion bash > /etc/bash_completion.d/cohort",
      "completion zsh > ~/.zfunc/_cohort",
      "completion fish > ~/.config/fish/completions/cohort.fish",
    ],
    besideServer: .apart
  ) { invocation in
    let script =
      switch invocation.arguments.operands[0] {
      case "bash": Completion.bash
      case "zsh": Completion.zsh
      default: Completion.fish
      }
    try invocation.console.line(script)
    return .done
  }
}

/// Scripts that complete command lines, made from the table.
enum Completion {
  /// What may follow `cohort`, with the verbs of each.
  static var subjects: [(subject: String, verbs: [String])] {
    var found: [(subject: String, verbs: [String])] = []
    for command in CommandTable.all {
      let words = command.words.map(String.init)
      if found.last?.subject != words[0], !found.contains(where: { $0.subject == words[0] }) {
        found.append((words[0], []))
      }
      if words.count == 2, let index = found.firstIndex(where: { $0.subject == words[0] }) {
        found[index].verbs.append(words[1])
      }
    }
    return found
  }

  /// What may stand behind a command: its options, and the words of a closed choice.
  private static func words(of command: Subcommand) -> String {
    var words = command.allOptions.map { "--\($0.name)" }
    for operand in command.operands {
      if case .oneOf(let choices) = operand.kind { words += choices }
    }
    return words.joined(separator: " ")
  }

  static var bash: String {
    let cases = CommandTable.all.map { "    '\($0.name)') words='\(words(of: $0))' ;;" }
    let verbs = subjects.filter { !$0.verbs.isEmpty }
      .map { "    '\($0.subject)') words='\($0.verbs.joined(separator: " "))' ;;" }
    return """
      # Completes cohort in bash.
      _cohort() {
        local here="${COMP_WORDS[COMP_CWORD]}" words=''
        local subject="${COMP_WORDS[1]}" verb="${COMP_WORDS[2]}"
        if [ "$COMP_CWORD" -eq 1 ]; then
          words='\(subjects.map(\.subject).joined(separator: " ")) --version --help'
        else
          case "$subject" in
      \(verbs.joined(separator: "\n"))
          esac
          if [ "$COMP_CWORD" -gt 2 ] || [ -z "$words" ]; then
            case "$subject $verb" in
      \(cases.filter { $0.contains(" ") && $0.dropFirst(5).prefix { $0 != "'" }.contains(" ") }
        .joined(separator: "\n"))
            *) case "$subject" in
      \(cases.filter { !$0.dropFirst(5).prefix { $0 != "'" }.contains(" ") }.joined(separator: "\n"))
            esac ;;
            esac
          fi
        fi
        COMPREPLY=($(compgen -W "$words" -- "$here"))
        [ -n "${COMPREPLY[*]}" ] || COMPREPLY=($(compgen -f -- "$here"))
      }
      complete -F _cohort cohort
      """
  }

  static var zsh: String {
    let verbs = subjects.filter { !$0.verbs.isEmpty }
      .map { "    \($0.subject)) found=(\($0.verbs.joined(separator: " "))) ;;" }
    let cases = CommandTable.all.map { command in
      let pattern = command.words.count == 2 ? "'\(command.name)'" : "'\(command.name) '*"
      return "      \(pattern)) found=(\(words(of: command))) ;;"
    }
    return """
      #compdef cohort
      # Completes cohort in zsh.
      _cohort() {
        local -a found
        local subject="${words[2]}" verb="${words[3]}"
        if (( CURRENT == 2 )); then
          found=(\(subjects.map(\.subject).joined(separator: " ")) --version --help)
        else
          case "$subject" in
      \(verbs.joined(separator: "\n"))
          esac
          if (( CURRENT > 3 )) || (( ${#found} == 0 )); then
            case "$subject $verb" in
      \(cases.joined(separator: "\n"))
            esac
          fi
        fi
        compadd -- "${found[@]}" || _files
      }
      _cohort "$@"
      """
  }

  static var fish: String {
    var lines = ["# Completes cohort in fish.", "complete -c cohort -n __fish_use_subcommand -f"]
    for (subject, verbs) in subjects {
      let command = CommandTable.all.first { $0.name == subject }
      let summary = command.map { " -d \(quoted($0.summary))" } ?? ""
      lines.append("complete -c cohort -n __fish_use_subcommand -a \(subject)\(summary)")
      guard !verbs.isEmpty else { continue }
      lines.append(
        "complete -c cohort -f -n '__fish_seen_subcommand_from \(subject); "
          + "and not __fish_seen_subcommand_from \(verbs.joined(separator: " "))' "
          + "-a '\(verbs.joined(separator: " "))'")
    }
    for command in CommandTable.all {
      let seen = command.words.map { "__fish_seen_subcommand_from \($0)" }
        .joined(separator: "; and ")
      for option in command.allOptions {
        lines.append(
          "complete -c cohort -n '\(seen)' -l \(option.name)\(option.value == nil ? "" : " -r") "
            + "-d \(quoted(option.summary))")
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "\\'")
      + "'"
  }
}
