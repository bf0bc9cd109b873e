package import CohortModel

/// What only a ledger knows, put into generated commands.
extension NaiveLedger {
  /// The command as a server would hand it on: with the mentions that the log holds, a
  /// launch's audience evaluated now (`digest` is of its users), and an erasure's real position.
  package func completed(
    _ step: GeneratedStep, digest: ([UserID]) -> Digest
  ) -> Command {
    var command = step.command
    switch command.wish {
    case .eraseUser(let wish):
      command.wish = .eraseUser(
        EraseUser(user: wish.user, mentions: mentions(forErasing: [wish.user])))
    case .deleteUsers(let names, .some):
      command.wish = .deleteUsers(names, erase: mentions(forErasing: names))
    case .finishErasure(let position):
      let erasures = erasures
      guard position.rawValue > 1, !erasures.isEmpty else { break }
      command.wish = .finishErasure(erasures[Int(position.rawValue) % erasures.count])
    case .forgetUnmatched(let before, _):
      let through = facts.prefix { $0.time < before }.count
      command.wish = .forgetUnmatched(before: before, through: Position(UInt64(through)))
    case .freezeAudience(let wish):
      guard let saved = now.campaigns[wish.campaign]?.versions.last else { break }
      let users = evaluate(saved.audience, at: end, step.time).sorted()
      command.wish = .freezeAudience(
        FreezeAudience(
          campaign: wish.campaign, version: saved.version, position: end, instant: step.time,
          segments: versions(of: saved.audience, at: end), audience: saved.audience,
          size: UInt64(users.count), digest: digest(users),
          expectedVersion: wish.expectedVersion))
    default: break
    }
    return command
  }

  /// Performs a generated step.
  @discardableResult
  package mutating func perform(
    _ step: GeneratedStep, digest: ([UserID]) -> Digest = { Digest(0, 0, 0, UInt64($0.count)) }
  ) -> Result<Answer, Refusal> {
    perform(completed(step, digest: digest), at: step.time)
  }
}
