import CohortModel
import CohortSync
import Testing

@Suite struct `What events of the feed mean for a destination` {
  static func id(_ text: String) -> SentIdentifier {
    SentIdentifier(.externalID, Array(text.utf8))
  }

  static func alias(_ text: String) -> SentIdentifier {
    SentIdentifier(.alias(label: "email"), Array(text.utf8))
  }

  static func user(_ number: UInt32, _ identifiers: SentIdentifier...) -> FeedUser {
    FeedUser(UserID(number), identifiers)
  }

  static func event(_ position: UInt64, _ change: FeedEvent.Change) -> FeedEvent {
    FeedEvent(FeedCheckpoint(Position(position), epoch: "e"), change)
  }

  /// A state in which some users are in the cohort 0.
  static func sent(_ users: [(UInt32, SentIdentifier)]) -> SentState {
    var sent = SentState()
    for (number, identifier) in users {
      var line = SentLine(identifier)
      line[0] = .member
      sent.lines[UserID(number)] = line
    }
    return sent
  }

  /// `+a` and `-a`, round after round; parcels of a round by their cohorts.
  static func order(_ tellings: [Telling]) -> [String] {
    Rounds(tellings).rounds.map { round in
      round.flatMap { group in
        group.removals.map { "-\(tellings[$0].identifier.name)" }
          + group.additions.map { "+\(tellings[$0].identifier.name)" }
      }.joined(separator: " ")
    }
  }

  private func drafted(_ sent: SentState, _ changes: FeedEvent.Change...) -> ForwardDraft {
    var draft = ForwardDraft()
    for (index, change) in changes.enumerated() {
      draft.apply(Self.event(UInt64(index + 1), change), over: sent)
    }
    return draft
  }

  @Test func `a merge is the survivor's entering, then the other's removal`() {
    let draft = drafted(
      Self.sent([(1, Self.id("a"))]),
      .merged(Self.user(1, Self.id("a")), into: Self.user(2, Self.id("b")), left: [0], entered: [0])
    )
    #expect(Self.order(draft.tellings) == ["+b", "-a"])
    #expect(draft.lines[UserID(1)] == .some(nil), "the other is forgotten")
  }

  @Test func `a merge of an alias lets the survivor enter again, whose alias it may be`() {
    let draft = drafted(
      Self.sent([(1, Self.alias("a")), (2, Self.id("b"))]),
      .merged(
        Self.user(1, Self.alias("a")), into: Self.user(2, Self.id("b")), left: [0], entered: []))
    #expect(Self.order(draft.tellings) == ["-a", "+b"])
  }

  @Test func `a removal goes out under the identifier of the last renaming`() {
    let draft = drafted(
      Self.sent([(1, Self.id("a"))]), .renamed(Self.user(1, Self.id("b")), to: Self.id("b")),
      .members(0, added: [], removed: [Self.user(1, Self.id("b"))]))
    #expect(Self.order(draft.tellings) == ["-b"])
  }

  @Test func `an identification changes nothing that was sent, unless it was a device`() {
    let known = Self.user(1, Self.id("a"), Self.alias("x"))
    let draft = drafted(
      Self.sent([(1, Self.alias("x"))]), .identified(known),
      .members(0, added: [], removed: [known]))
    #expect(Self.order(draft.tellings) == ["-x"])
    let device = SentIdentifier(.device, Array("d".utf8))
    let other = Self.user(1, Self.id("a"), device)
    let second = drafted(
      Self.sent([(1, device)]), .identified(other), .members(0, added: [], removed: [other]))
    #expect(Self.order(second.tellings) == ["-a"])
  }

  @Test func `a deletion and an erasure are removals by what was sent, though the text is gone`() {
    for change in [FeedEvent.Change.deleted(Self.user(1), left: [0]), .erased(UserID(1))] {
      let draft = drafted(Self.sent([(1, Self.id("a"))]), change)
      #expect(Self.order(draft.tellings) == ["-a"])
      #expect(draft.lines[UserID(1)] == .some(nil))
      #expect(draft.forgets)
    }
  }

  @Test func `who came and went still comes before going`() {
    let (a, b) = (Self.user(1, Self.id("a")), Self.user(2, Self.id("b")))
    let draft = drafted(
      SentState(), .members(0, added: [a, b], removed: []), .members(0, added: [], removed: [a]),
      .members(0, added: [a], removed: []), .members(0, added: [], removed: [b]))
    #expect(Self.order(draft.tellings) == ["+a +b", "-a -b +a"])
  }

  @Test func `an identifier that passes to somebody else keeps its order`() {
    let draft = drafted(
      Self.sent([(1, Self.id("a"))]), .deleted(Self.user(1, Self.id("a")), left: [0]),
      .members(0, added: [Self.user(2, Self.id("a"))], removed: []))
    #expect(Self.order(draft.tellings) == ["-a +a"])
  }

  @Test func `somebody whose texts are erased and who was never sent is counted`() {
    let draft = drafted(
      SentState(), .members(0, added: [Self.user(1)], removed: []),
      .deleted(Self.user(1), left: [0]))
    #expect(draft.tellings.isEmpty)
    #expect(draft.nameless == 2)
  }

  @Test func `what may be told is remembered before it is told, by what is told first`() {
    let a = Self.user(1, Self.id("a"))
    let draft = drafted(
      SentState(), .members(0, added: [a], removed: []),
      .renamed(Self.user(1, Self.id("b")), to: Self.id("b")))
    let intent = SentState().intent(of: draft)
    #expect(intent.lines[UserID(1)]??.identifier == Self.id("a"))
    #expect(intent.lines[UserID(1)]??[0] == .unsure)
    #expect(intent.checkpoint == nil)
    #expect(intent.reached?.position == Position(2))
  }

  @Test func `every fate leaves the standing that it deserves`() {
    func told(_ fate: Fate, _ isRemoval: Bool, renamed: Bool = false, held: Bool = true) -> Told? {
      Told(
        after: fate,
        Telling(
          UserID(1), 0, Self.id("a"), isRemoval: isRemoval, mayBeKnownOtherwise: renamed,
          wasHeld: held))
    }
    #expect(told(.added, false) == .member)
    #expect(told(.accepted, false) == .member)
    #expect(told(.unknown, false) == .unknown)
    #expect(told(.merged, false) == .merged)
    #expect(told(.removed, true) == nil)
    #expect(told(.unknown, true) == .leavingUnknown)
    #expect(told(.unknown, true, renamed: true) == .leaving)
    #expect(told(.unknown, true, held: false) == nil)
    #expect(told(.merged, true) == .leavingMerged)
    #expect(told(.refused, true) == .leavingRefused)
    for fate in Fate.allCases where fate != .notSent && fate != .unsure {
      for isRemoval in [false, true] {
        let told = told(fate, isRemoval)
        #expect(told != .unsure && told != .owed)
      }
    }
  }
}
