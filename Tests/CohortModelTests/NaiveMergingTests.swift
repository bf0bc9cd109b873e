import CohortModel
import TestSupport
import Testing

/// RULES §4, merging, on the naive model.
@Suite struct `In the naive model, merging` {
  @Test func `moves memberships, aliases and devices, and drops what has no room`() {
    var story = Story()
    story.ask(
      .importUsers([
        ImportLine(
          line: 1, externalID: "a",
          aliases: [Alias(label: "email", name: "x"), Alias(label: "phone", name: "5")],
          devices: ["d"]),
        ImportLine(line: 2, externalID: "b", aliases: [Alias(label: "email", name: "y")]),
      ]))
    story.add("a")
    story.add("a", "b", to: "beta")
    story.merge("a", into: "b")
    guard case .event(.usersMerged(let event))? = story.ledger.facts.last?.what else {
      return #expect(Bool(false), "there was no merge")
    }
    #expect(event.cohortsLeft == [CohortID(1), CohortID(2)])
    #expect(event.cohortsEntered == [CohortID(1)])
    #expect(event.moved == [IdentifierID(3), IdentifierID(4)])
    #expect(event.dropped == [IdentifierID(2)])
    #expect(event.retired == [IdentifierID(1)])
    #expect(story.members(at: Position(UInt64(story.end.rawValue - 1))) == [user(1)], "as it was")
    #expect(story.members() == [user(2)])
    #expect(story.add("email:y", "phone:5") == [.alreadyMember, .alreadyMember])
  }

  @Test func `follows keep to its survivor, and merge never`() {
    var story = Story()
    story.users("a", "b", "c")
    func item(_ merge: Text, _ keep: Text) -> MergeUsers {
      MergeUsers(merge: .externalID(merge), keep: .externalID(keep))
    }
    let answer = story.ask(
      .mergeUsers([
        item("a", "b"), item("a", "b"), item("a", "c"), item("c", "a"), item("c", "c"),
        item("x", "b"), item("b", "x"),
      ]))
    #expect(
      answer.errors == [.mergedAway(survivor: user(2)), .unknownUser, .unknownUser],
      "a list that names one duplicate twice must not fuse two customers")
    #expect(story.ledger.now.survivor(of: user(1)) == user(2))
    #expect(story.ledger.now.survivor(of: user(3)) == user(2))
  }

  @Test func `does not put an identified user into one without an external id`() {
    var story = Story()
    story.users("a")
    story.ask(.addAliases([AddAlias(externalID: nil, alias: Alias(label: "email", name: "x"))]))
    let merge = MergeUsers(merge: .externalID("a"), keep: .alias(label: "email", name: "x"))
    #expect(story.ask(.mergeUsers([merge])).errors == [.survivorNotIdentified])
    let back = MergeUsers(merge: merge.keep, keep: merge.merge)
    #expect(story.ask(.mergeUsers([back])).errors == [])
  }

  @Test func `keeps the external id taken until it is removed`() {
    var story = Story()
    story.users("a", "b", "c")
    story.merge("a", into: "b")
    story.merge("b", into: "c")
    let taken = [ItemRefusal.takenByMerged(survivor: user(3))]
    story.ask(.trackUsers([TrackItem(device: "d")]))
    #expect(
      story.ask(.trackUsers([TrackItem(externalID: "a"), TrackItem(device: "d")])).errors == taken)
    #expect(story.ask(.importUsers([ImportLine(line: 0, externalID: "a")])).errors == taken)
    #expect(
      story.ask(.renameExternalIDs([RenameExternalID(current: "c", new: "a")])).errors == taken)
    #expect(
      story.ask(.identifyUsers([IdentifyUser(externalID: "a", user: .device("d"))])).errors == taken
    )
    #expect(
      story.ask(.removeExternalIDs(["a", "a", "c"])).errors == [
        .unknownExternalID, .notDeprecated,
      ])
    #expect(story.add("a") == [.unknown])
    #expect(story.ask(.trackUsers([TrackItem(externalID: "a")])).errors == [])
    #expect(story.add("a") == [.added])
  }

  @Test func `lets a removed deprecated id match no more`() {
    var story = Story()
    story.users("a", "b")
    let answer = story.ask(
      .renameExternalIDs([
        RenameExternalID(current: "a", new: "n"), RenameExternalID(current: "a", new: "m"),
        RenameExternalID(current: "n", new: "b"), RenameExternalID(current: "x", new: "y"),
      ]))
    #expect(answer.errors == [.notPrimary, .externalIDTaken, .unknownExternalID])
    #expect(story.add("a", "n") == [.added, .alreadyMember])
    story.ask(.removeExternalIDs(["a"]))
    #expect(story.remove("a", "n") == [.unknown, .removed])
  }

  @Test func `is undone by no deletion, which frees the ids of everyone merged`() {
    var story = Story()
    story.users("a", "b")
    story.merge("a", into: "b")
    story.ask(.deleteUsers([.externalID("b")], erase: nil))
    #expect(story.add("a", "b") == [.unknown, .unknown])
    story.users("a")
    #expect(story.user("a") == user(3))
  }
}

/// RULES §5, on the naive model.
@Suite struct `In the naive model, erasing` {
  @Test func `deletes a live user, and names every text of everyone merged`() {
    var story = Story()
    story.add("b", "x")
    story.users("a", "b")
    story.merge("a", into: "b")
    let end = story.end
    let name = UserName.externalID("b")
    let answer = story.ask(
      .eraseUser(
        EraseUser(user: name, mentions: story.ledger.mentions(forErasing: [name]))))
    #expect(story.kinds(after: end) == ["userDeleted", "userErased"])
    let texts = [5, 6, 7].map { TextName(position: Position($0), item: 0) }
    #expect(answer == .success(.erasedUser(user(2), texts: texts, earlierBearers: [])))
    #expect(story.ledger.mentions().map(\.identifier.text) == [PersonalText("x")])
    let again = story.ask(.eraseUser(EraseUser(user: .number(user(2)), mentions: .init())))
    #expect(again == .success(.erasedUser(user(2), texts: [], earlierBearers: [])))
    #expect(
      story.ask(.eraseUser(EraseUser(user: .number(user(1)), mentions: .init()))).refusal
        == .mergedAway(into: user(2)))
  }

  @Test func `lists earlier bearers, and erases a string that nobody bore`() {
    var story = Story()
    story.users("a")
    story.ask(.deleteUsers([.externalID("a")], erase: nil))
    story.users("a")
    guard
      case .success(.erasedUser(let erased, _, let earlier)) = story.ask(
        .eraseUser(EraseUser(user: .externalID("a"), mentions: .init())))
    else { return #expect(Bool(false), "it was refused") }
    #expect(erased == user(2) && earlier == [user(1)])

    let name = UserName.device("d")
    #expect(
      story.ask(.eraseUser(EraseUser(user: name, mentions: .init()))).refusal == .unknownUser(name))
    story.add("#d")
    let mentions = story.ledger.mentions(forErasing: [name])
    let texts = [TextName(position: story.end, item: 0)]
    #expect(
      story.ask(.eraseUser(EraseUser(user: name, mentions: mentions)))
        == .success(.erasedUser(nil, texts: texts, earlierBearers: [])))
    #expect(story.ask(.finishErasure(story.end)) == .success(.done))
    #expect(story.ask(.finishErasure(story.end)).refusal == .unknownErasure(story.end))
  }

  @Test func `finds what was kept of a name that is too long`() {
    var story = Story()
    let long = String(repeating: "x", count: 1_025)
    let name = UserName.alias(label: Text(long), name: "a")
    story.add("\(long):a")
    let texts = [TextName(position: story.end, item: 0)]
    let mentions = story.ledger.mentions(forErasing: [name])
    #expect(
      story.ask(.eraseUser(EraseUser(user: name, mentions: mentions)))
        == .success(.erasedUser(nil, texts: texts, earlierBearers: [])))
  }

  @Test func `leaves the person as a number, then and now`() {
    var story = Story()
    story.users("a", "b", "c")
    story.add("a", "b", "c")
    let before = story.end
    story.merge("a", into: "b")
    story.ask(.eraseUser(EraseUser(user: .externalID("b"), mentions: .init())))
    story.ask(.deleteUsers([.externalID("c")], erase: nil))
    let then = story.ledger.list(first, at: before, identity: .then)
    #expect(then.members.map(\.isErased) == [true, true, false])
    #expect(then.members.map(\.externalID) == [nil, nil, "c"])
    let now = story.ledger.list(first, at: before, identity: .now)
    #expect(now.members == [NaiveMember(user: user(2), isErased: true)])
    #expect(now.gone == 1)
  }
}
