import CohortModel
import TestSupport
import Testing

/// RULES §2 and §3, sentence by sentence, on the naive model.
@Suite struct `In the naive model, an import` {
  @Test func `matches primary and deprecated external ids, aliases, and devices`() {
    var story = Story()
    story.users("old")
    story.ask(.renameExternalIDs([RenameExternalID(current: "old", new: "new")]))
    story.ask(.addAliases([AddAlias(externalID: "new", alias: Alias(label: "email", name: "a"))]))
    story.ask(.trackUsers([TrackItem(device: "d")]))
    #expect(
      story.add("old", "new", "email:a", "#d") == [.added, .alreadyMember, .added, .alreadyMember])
    #expect(story.members() == [user(1), user(2)])
  }

  @Test func `never creates users`() {
    var story = Story()
    #expect(story.add("c1", "email:a", "#d") == [.unknown, .unknown, .unknown])
    #expect(story.ledger.now.users.isEmpty)
    #expect(story.kinds(after: Position(3)) == ["cohortNamed", "membersChanged"])
  }

  @Test func `does not match a device of an identified user`() {
    var story = Story()
    story.ask(.trackUsers([TrackItem(externalID: "c1", device: "d")]))
    #expect(story.add("#d") == [.identified])
  }

  @Test(arguments: [true, false])
  func `changes nothing for a merged id, adding or removing`(removes: Bool) {
    var story = Story()
    story.users("a", "b")
    story.add("b")
    story.merge("a", into: "b")
    guard
      case .success(.changedMembers(let counts, let results)) = story.ask(
        .changeMembers(Story.changing("vip", [(removes, ["a"])])))
    else { return #expect(Bool(false), "it was refused") }
    #expect(counts[.merged] == 1)
    #expect(results.map(\.survivor) == [user(2)])
    #expect(story.members() == [user(2)])
  }

  @Test func `does not know what can belong to nobody, and keeps it cut`() {
    var story = Story()
    let long = String(repeating: "x", count: 1_030)
    #expect(story.add("", "a\0b", long) == [.unknown, .unknown, .unknown])
    let texts = story.ledger.mentions().map { $0.identifier.text.bytes?.count }
    #expect(texts == [0, 3, 1_024])
  }

  @Test func `is decided identifier by identifier, arrays in their order`() {
    var story = Story()
    story.users("c1")
    story.ask(.addAliases([AddAlias(externalID: "c1", alias: Alias(label: "email", name: "a"))]))
    let outcomes = story.change("vip", [(false, ["email:a", "c1"]), (true, ["c1", "email:a"])])
    #expect(outcomes == [.added, .alreadyMember, .removed, .notMember])
    #expect(story.kinds(after: Position(5)) == ["cohortNamed", "membersChanged", "membersChanged"])
  }

  @Test func `writes its events also when nobody changes, one for each object that names anyone`() {
    var story = Story()
    story.users("c1")
    story.add("c1")
    let end = story.end
    #expect(story.change("vip", [(false, ["c1"]), (false, []), (true, ["x"])]).count == 2)
    #expect(story.kinds(after: end) == ["membersChanged", "membersChanged"])
    #expect(story.ledger.facts.suffix(2).allSatisfy { $0.request == story.end })
  }

  @Test func `without any identifier writes and creates nothing`() {
    var story = Story()
    let end = story.end
    for changes: [(Bool, [String])] in [[], [(false, [])], [(false, []), (true, [])]] {
      #expect(
        story.ask(.changeMembers(Story.changing("vip", changes)))
          == .success(.changedMembers(OutcomeCounts(), [])))
    }
    #expect(story.end == end)
    #expect(story.ledger.now.cohorts.isEmpty)
  }

  @Test func `creates a cohort that is named like its id until it is named`() {
    var story = Story()
    story.add("nobody")
    let cohort = story.ledger.now.cohorts[first]
    #expect(cohort?.displayName == "vip")
    #expect(cohort?.createdAt == nil)
  }
}

@Suite struct `In the naive model, a cohort` {
  func naming(_ name: Text, at instant: Instant = Story.noon) -> Wish {
    .nameCohort(
      NameCohort(
        cohort: CohortName(partner: "p", cohortID: "vip"), name: name, createdAt: instant))
  }

  @Test func `keeps the time of its first naming, and records only new names`() {
    var story = Story()
    story.add("nobody")
    story.ask(naming("vip"))
    #expect(story.ledger.now.cohorts[first]?.createdAt == Story.noon)
    let end = story.end
    story.ask(naming("vip", at: story.time))
    #expect(story.end == end)
    story.ask(naming("VIP", at: story.time))
    #expect(story.end == end.advanced(by: 1))
    #expect(story.ledger.now.cohorts[first]?.createdAt == Story.noon)
  }

  @Test func `is locked to imports and naming while it is archived, and to nothing else`() {
    var story = Story()
    let name = CohortName(partner: "p", cohortID: "vip")
    story.users("a", "b")
    story.add("a")
    story.ask(.archiveCohort(name))
    #expect(story.ask(naming("vip")).refusal == .cohortArchived(name))
    #expect(
      story.ask(.changeMembers(Story.changing("vip", [(false, ["b"])]))).refusal
        == .cohortArchived(name))
    #expect(story.ask(.changeMembers(Story.changing("vip", []))).refusal == nil)
    story.merge("a", into: "b")
    #expect(story.members() == [user(2)])
    story.ask(.restoreCohort(name))
    #expect(story.add("b") == [.alreadyMember])
  }

  @Test(arguments: ["", "a\0b", String(repeating: "x", count: 1_025)])
  func `cannot be named`(_ name: String) {
    var story = Story()
    #expect(agree(story.ask(naming(Text(name))), .failure(.invalidName(""))))
    #expect(
      agree(story.ask(.changeMembers(Story.changing(Text(name), []))), .failure(.invalidName(""))))
  }

  @Test func `has merges and deletions in its changes and sizes`() {
    var story = Story()
    story.users("a", "b", "c")
    story.add("a", "c")
    story.merge("a", into: "b")
    story.ask(.deleteUsers([.externalID("c")], erase: nil))
    story.add("nobody")
    let changes = story.ledger.changes(of: first, upTo: story.end)
    #expect(changes.map(\.kind) == [.import, .merge, .deletion, .import])
    #expect(changes.map(\.size) == [2, 2, 1, 1])
    #expect(changes[1].entered == [user(2)] && changes[1].left == [user(1)])
  }
}
