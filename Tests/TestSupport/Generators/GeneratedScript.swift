package import CohortModel

/// A command with its moment, before what only a ledger knows is filled in.
package struct GeneratedStep: Sendable {
  package var command: Command
  package var time: Instant

  package init(command: Command, time: Instant) {
    self.command = command
    self.time = time
  }
}

/// A series of commands that a seed repeats; any part of it, in order, is a script again.
package struct GeneratedScript: Sendable {
  package var steps: [GeneratedStep]

  package init(_ steps: [GeneratedStep] = []) { self.steps = steps }
}

extension GeneratedScript {
  /// The smallest script found that still fails: first the shortest prefix, then without what
  /// can be left out, in ever smaller pieces, then without what can be left out of a command.
  ///
  /// `isFailing` runs a script from nothing, and must hold for this one.
  package func minimised(_ isFailing: (GeneratedScript) throws -> Bool) rethrows -> GeneratedScript
  {
    var low = 0
    var high = steps.count
    while low < high {
      let middle = (low + high) / 2
      if try isFailing(GeneratedScript(Array(steps.prefix(middle)))) {
        high = middle
      } else {
        low = middle + 1
      }
    }
    var best = GeneratedScript(Array(steps.prefix(high)))
    // A failure that needs no more than a prefix is not certain: fall back on the whole.
    if try !isFailing(best) { best = self }
    try best.dropSteps(isFailing)
    try best.dropParts(isFailing)
    return best
  }

  private mutating func dropSteps(_ isFailing: (GeneratedScript) throws -> Bool) rethrows {
    var size = max(1, steps.count / 2)
    while true {
      var hasDropped = false
      var start = 0
      while start < steps.count {
        var shorter = self
        shorter.steps.removeSubrange(start..<min(start + size, steps.count))
        if try isFailing(shorter) {
          self = shorter
          hasDropped = true
        } else {
          start += size
        }
      }
      if size == 1, !hasDropped { return }
      size = max(1, size / 2)
    }
  }

  private mutating func dropParts(_ isFailing: (GeneratedScript) throws -> Bool) rethrows {
    for index in steps.indices {
      var candidates = steps[index].command.smaller[...]
      while let candidate = candidates.popFirst() {
        var smaller = self
        smaller.steps[index].command = candidate
        if try isFailing(smaller) {
          self = smaller
          candidates = candidate.smaller[...]
        }
      }
    }
  }
}

extension Command {
  /// The same without its idempotency key, or without one of its items.
  var smaller: [Command] {
    var smaller = wish.smaller.map { Command(author: author, wish: $0, idempotency: idempotency) }
    if idempotency != nil { smaller.append(Command(author: author, wish: wish)) }
    return smaller
  }
}

extension Wish {
  fileprivate var smaller: [Wish] {
    func without<Item>(_ items: [Item], _ wish: ([Item]) -> Wish) -> [Wish] {
      items.indices.map { index in
        var fewer = items
        fewer.remove(at: index)
        return wish(fewer)
      }
    }
    switch self {
    case .trackUsers(let items): return without(items) { .trackUsers($0) }
    case .importUsers(let lines): return without(lines) { .importUsers($0) }
    case .addAliases(let items): return without(items) { .addAliases($0) }
    case .updateAliases(let items): return without(items) { .updateAliases($0) }
    case .identifyUsers(let items): return without(items) { .identifyUsers($0) }
    case .mergeUsers(let items): return without(items) { .mergeUsers($0) }
    case .renameExternalIDs(let items): return without(items) { .renameExternalIDs($0) }
    case .removeExternalIDs(let ids): return without(ids) { .removeExternalIDs($0) }
    case .deleteUsers(let names, let erase):
      return without(names) { .deleteUsers($0, erase: erase) }
    case .changeMembers(let wish):
      var smaller = without(wish.changes) { changes in
        var fewer = wish
        fewer.changes = changes
        return .changeMembers(fewer)
      }
      for (index, change) in wish.changes.enumerated() {
        smaller += without(change.userIDs) { ids in
          var fewer = wish
          fewer.changes[index].userIDs = ids
          return .changeMembers(fewer)
        }
        smaller += without(change.deviceIDs) { ids in
          var fewer = wish
          fewer.changes[index].deviceIDs = ids
          return .changeMembers(fewer)
        }
        smaller += without(change.aliases) { aliases in
          var fewer = wish
          fewer.changes[index].aliases = aliases
          return .changeMembers(fewer)
        }
      }
      return smaller
    default: return []
    }
  }
}

extension GeneratedStep: CustomStringConvertible {
  package var description: String {
    var words = ["at \(time.microseconds)", "\(command.author)"]
    if let idempotency = command.idempotency {
      words.append("key \(String(decoding: idempotency.key, as: UTF8.self))")
    }
    if case .changeMembers(let wish) = command.wish {
      words.append("changeMembers \(wish.cohort)")
      for change in wish.changes {
        let names = change.identifiers(in: wish.buffer).map(\.brief)
        words.append("\(change.shouldRemove ? "−" : "+")[\(names.joined(separator: " "))]")
      }
    } else {
      words.append("\(command.wish)")
    }
    return words.joined(separator: " ")
  }
}

extension GeneratedScript: CustomStringConvertible {
  package var description: String { steps.map(\.description).joined(separator: "\n") }
}

extension IdentifierName {
  var brief: String {
    switch self {
    case .externalID(let text): "external_id:\(text)"
    case .alias(let label, let name): "alias:\(label):\(name)"
    case .device(let text): "device:\(text)"
    }
  }
}
