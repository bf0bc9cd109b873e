import CohortModel

/// Random but sensible commands, the same for the same seed.
///
/// It knows no ledger: names and numbers are guessed from a small vocabulary, so that commands
/// meet, miss and repeat each other, and any part of a script can be left out. What only a
/// ledger knows (mentions to erase, audiences to freeze) is put in by ``NaiveLedger/completed``.
package struct CommandGenerator {
  package enum Kind: Hashable, CaseIterable, Sendable {
    case nameCohort, changeMembers, archiveCohort, restoreCohort
    case trackUsers, importUsers, addAliases, updateAliases, identifyUsers
    case mergeUsers, renameExternalIDs, removeExternalIDs
    case deleteUsers, eraseUser, finishErasure, forgetUnmatched
    case enablePartner, disablePartner, issueKey, invalidateKey
    case saveSegment, archiveSegment, restoreSegment
    case saveCampaign, archiveCampaign, restoreCampaign, freezeAudience
    case noteRecovery, noteRestoration
  }

  package var vocabulary = Vocabulary()
  /// How often a kind is chosen, in parts of the sum; 0 for never.
  package var weights: [Kind: Int] = [
    .nameCohort: 4, .changeMembers: 40, .archiveCohort: 1, .restoreCohort: 2,
    .trackUsers: 10, .importUsers: 6, .addAliases: 5, .updateAliases: 4, .identifyUsers: 6,
    .mergeUsers: 8, .renameExternalIDs: 4, .removeExternalIDs: 4,
    .deleteUsers: 4, .eraseUser: 2, .finishErasure: 1, .forgetUnmatched: 1,
    .enablePartner: 2, .disablePartner: 1, .issueKey: 3, .invalidateKey: 1,
    .saveSegment: 6, .archiveSegment: 1, .restoreSegment: 3,
    .saveCampaign: 4, .archiveCampaign: 3, .restoreCampaign: 3, .freezeAudience: 4,
    .noteRecovery: 1, .noteRestoration: 1,
  ]
  /// How many of a hundred commands come from somebody with keys rather than from the operator.
  package var keyedPercent = 30
  package var idempotentPercent = 10
  /// The most identifiers in one change object.
  package var identifiersMax = 20

  var random: SeededRandom
  var time = Instant(microseconds: 1_800_000_000_000_000)
  private var recent: [Command] = []

  package init(seed: UInt64) { random = SeededRandom(seed: seed) }

  /// A beginning with partners, keys and users, then random commands.
  package mutating func script(_ count: Int) -> GeneratedScript {
    GeneratedScript(prelude() + (0..<count).map { _ in next() })
  }

  package mutating func next() -> GeneratedStep {
    if let earlier = random.maybe(3, { $0.below(max(1, 8)) }), earlier < recent.count {
      return step(recent[earlier])
    }
    let wish = wish(kind())
    var command = Command(author: author(for: wish), wish: wish)
    if random.chance(idempotentPercent) {
      command.idempotency = Idempotency(
        key: Array("again-\(random.below(30))".utf8),
        fingerprint: Digest(0xF1, 0, 0, UInt64(random.below(3))))
      recent.insert(command, at: 0)
      recent = Array(recent.prefix(8))
    }
    return step(command)
  }

  /// Seconds to days later, sometimes a microsecond.
  private mutating func step(_ command: Command) -> GeneratedStep {
    let second: Int64 = 1_000_000
    let gap =
      random.once(in: 8)
      ? 1 : Int64(1 + random.below(60)) * random.pick([second, 60 * second, 1_440 * second])
    time = Instant(microseconds: time.microseconds + gap)
    return GeneratedStep(command: command, time: time)
  }

  private mutating func kind() -> Kind {
    let weighted = Kind.allCases.map { ($0, weights[$0] ?? 0) }
    var ticket = random.below(max(1, weighted.reduce(0) { $0 + $1.1 }))
    for (kind, weight) in weighted {
      if ticket < weight { return kind }
      ticket -= weight
    }
    return .changeMembers
  }

  private mutating func wish(_ kind: Kind) -> Wish {
    switch kind {
    case .nameCohort: .nameCohort(nameCohort())
    case .changeMembers: .changeMembers(changeMembers())
    case .archiveCohort: .archiveCohort(cohortName())
    case .restoreCohort: .restoreCohort(cohortName())
    case .trackUsers: .trackUsers(items { $0.trackItem() })
    case .importUsers: .importUsers(importLines())
    case .addAliases: .addAliases(items { $0.addAlias() })
    case .updateAliases: .updateAliases(items { $0.updateAlias() })
    case .identifyUsers: .identifyUsers(items { $0.identifyUser() })
    case .mergeUsers: .mergeUsers(items { $0.mergeUsers() })
    case .renameExternalIDs: .renameExternalIDs(items { $0.rename() })
    case .removeExternalIDs: .removeExternalIDs(items { $0.externalID() })
    case .deleteUsers: deleteUsers()
    case .eraseUser: .eraseUser(EraseUser(user: userName(numbers: 20), mentions: .init()))
    case .finishErasure: .finishErasure(Position(UInt64(number())))
    case .forgetUnmatched: .forgetUnmatched(before: earlier(), through: .origin)
    case .enablePartner: .enablePartner(enablePartner())
    case .disablePartner: .disablePartner(partner())
    case .issueKey: .issueKey(issueKey())
    case .invalidateKey: .invalidateKey(KeyID(UInt32(random.below(14))))
    case .saveSegment: .saveSegment(saveSegment())
    case .archiveSegment: .archiveSegment(SegmentID(number()))
    case .restoreSegment: .restoreSegment(SegmentID(number()))
    case .saveCampaign: .saveCampaign(saveCampaign())
    case .archiveCampaign: .archiveCampaign(campaign())
    case .restoreCampaign: .restoreCampaign(campaign())
    case .freezeAudience: .freezeAudience(freezeAudience())
    case .noteRecovery: noteRecovery()
    case .noteRestoration: noteRestoration()
    }
  }

  /// A few items, at least one.
  private mutating func items<Item>(_ item: (inout Self) -> Item) -> [Item] {
    var items: [Item] = []
    for _ in 0...random.few(4) { items.append(item(&self)) }
    return items
  }

  mutating func number() -> UInt32 { UInt32(1 + random.below(vocabulary.numberMax)) }

  /// A moment of the last weeks, seldom one to come.
  mutating func earlier() -> Instant {
    let days = Int64(random.below(40)) - 2
    return Instant(microseconds: time.microseconds - days * 86_400_000_000 + Int64(random.below(9)))
  }
}
