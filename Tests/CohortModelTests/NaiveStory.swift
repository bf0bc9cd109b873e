import CohortModel
import TestSupport
import Testing

/// A naive ledger that is told things in short, one second apart.
struct Story {
  var ledger = NaiveLedger()
  var time = Story.noon

  static let noon = Instant(microseconds: 1_800_000_000_000_000)
  static let second: Int64 = 1_000_000

  /// With partner `p` and its keys: `partner` and `data import` number 1.
  init() {
    ask(.enablePartner(EnablePartner(code: "p", displayName: nil, key: .digest(Self.partnerKey))))
    ask(
      .issueKey(
        IssueKey(kind: .dataImport, partner: "p", label: "warehouse", digest: Self.importKey)))
  }

  static let partnerKey = Vocabulary.digest(.partner, 1)
  static let importKey = Vocabulary.digest(.dataImport, 1)

  var end: Position { ledger.end }

  @discardableResult
  mutating func ask(
    _ wish: Wish, as author: Author = .local, again: Idempotency? = nil
  ) -> Result<Answer, Refusal> {
    wait(Self.second)
    return ledger.perform(Command(author: author, wish: wish, idempotency: again), at: time)
  }

  mutating func wait(_ microseconds: Int64) {
    time = Instant(microseconds: time.microseconds + microseconds)
  }

  /// Creates identified users.
  mutating func users(_ ids: Text...) {
    ask(.importUsers(ids.map { ImportLine(line: 1, externalID: $0) }))
  }

  /// Adds to, or removes from, cohort `p/vip`; each of `names` is as `c1`, `email:a1` or `#d1`.
  @discardableResult
  mutating func add(_ names: String..., to cohort: Text = "vip") -> [Outcome] {
    change(cohort, [(false, names)])
  }

  @discardableResult
  mutating func remove(_ names: String..., from cohort: Text = "vip") -> [Outcome] {
    change(cohort, [(true, names)])
  }

  @discardableResult
  mutating func change(_ cohort: Text, _ changes: [(remove: Bool, names: [String])]) -> [Outcome] {
    guard
      case .success(.changedMembers(let counts, let results)) = ask(
        .changeMembers(Self.changing(cohort, changes)))
    else { return [] }
    #expect(counts.total == results.count)
    return results.map(\.outcome)
  }

  static func changing(
    _ cohort: Text, _ changes: [(remove: Bool, names: [String])]
  ) -> ChangeMembers {
    var wish = ChangeMembers(
      cohort: CohortName(partner: "p", cohortID: cohort), buffer: [], changes: [],
      wantsResults: true)
    func place(_ text: Substring) -> TextRange {
      defer { wish.buffer += text.utf8 }
      return TextRange(start: UInt32(wish.buffer.count), count: UInt32(text.utf8.count))
    }
    for (remove, names) in changes {
      var change = ChangeMembers.Change(shouldRemove: remove)
      for name in names {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2 {
          change.aliases.append(.init(label: place(parts[0]), name: place(parts[1])))
        } else if name.hasPrefix("#") {
          change.deviceIDs.append(place(name.dropFirst()))
        } else {
          change.userIDs.append(place(name[...]))
        }
      }
      wish.changes.append(change)
    }
    return wish
  }

  @discardableResult
  mutating func merge(_ user: Text, into keep: Text) -> Result<Answer, Refusal> {
    ask(.mergeUsers([MergeUsers(merge: .externalID(user), keep: .externalID(keep))]))
  }

  func user(_ id: Text) -> UserID? {
    guard case .user(let user) = ledger.now.standing(of: .externalID(PersonalText(id.bytes)))
    else { return nil }
    return user
  }

  func members(of cohort: Text = "vip", at position: Position? = nil) -> Set<UserID> {
    guard
      let id = ledger.now.cohort(named: CohortName(partner: "p", cohortID: cohort))
    else { return [] }
    return ledger.members(of: id, at: position ?? ledger.end)
  }

  /// The kinds of the facts behind a position.
  func kinds(after position: Position) -> [String] {
    ledger.facts.dropFirst(Int(position.rawValue)).map { fact in
      switch fact.what {
      case .membersChanged: "membersChanged"
      case .event(let event): String("\(event)".prefix { $0 != "(" })
      }
    }
  }
}

extension Result where Success == Answer, Failure == Refusal {
  var refusal: Refusal? {
    guard case .failure(let refusal) = self else { return nil }
    return refusal
  }

  /// What went wrong with the items of a batch; `nil` if it was not one.
  var errors: [ItemRefusal]? {
    switch self {
    case .success(.items(_, let errors)): errors.map(\.refusal)
    case .success(.importedUsers(_, _, _, let errors)): errors.map(\.refusal)
    default: nil
    }
  }
}

let first = CohortID(1)
func user(_ number: UInt32) -> UserID { UserID(number) }
