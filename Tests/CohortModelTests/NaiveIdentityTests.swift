import CohortModel
import TestSupport
import Testing

private func alias(_ name: Text, label: Text = "email") -> Alias { Alias(label: label, name: name) }

/// RULES §4, sentence by sentence, on the naive model.
@Suite struct `In the naive model, a user` {
  @Test func `is created by a lone device, and completed by a users import`() {
    var story = Story()
    story.ask(.trackUsers([TrackItem(device: "d"), TrackItem(device: "d")]))
    let line = ImportLine(line: 7, externalID: "c1", aliases: [alias("a")], devices: ["d"])
    #expect(
      story.ask(.importUsers([line, line]))
        == .success(.importedUsers(created: 0, completed: 1, unchanged: 1, refused: [])))
    #expect(
      story.kinds(after: Position(3)) == ["userCreated", "userIdentified", "identifierAdded"])
    #expect(story.user("c1") == user(1))
  }

  @Test func `is not completed by a line that names several users`() {
    var story = Story()
    story.users("a")
    story.ask(.trackUsers([TrackItem(device: "d")]))
    let end = story.end
    let line = ImportLine(line: 9, externalID: "a", aliases: [alias("x")], devices: ["d"])
    #expect(
      story.ask(.importUsers([line]))
        == .success(
          .importedUsers(
            created: 0, completed: 0, unchanged: 0,
            refused: [ItemError(index: 9, refusal: .severalUsers([user(1), user(2)]))])))
    #expect(story.end == end)
  }

  @Test func `is tracked by one of external id and alias, which differ in what they create`() {
    var story = Story()
    let items: [(TrackItem, ItemRefusal?, created: Bool)] = [
      (TrackItem(externalID: "c1"), nil, true),
      (TrackItem(externalID: "c2", updateExistingOnly: true), nil, false),
      (TrackItem(alias: alias("a")), nil, false),
      (TrackItem(alias: alias("b"), updateExistingOnly: false), nil, true),
      (TrackItem(externalID: "c1", alias: alias("a")), .twoIdentifiers, false),
      (TrackItem(), .identifierRequired, false),
      (TrackItem(hasUnsupportedIdentifier: true), .identifierNotSupported, false),
      (TrackItem(externalID: ""), .invalidIdentifier, false),
    ]
    for (item, refusal, created) in items {
      let end = story.end
      // The second item keeps the batch from being refused for having no valid one.
      let answer = story.ask(.trackUsers([item, TrackItem(alias: alias("nobody"))]))
      #expect(answer.errors == (refusal.map { [$0] } ?? []), "\(item)")
      #expect(story.end == end.advanced(by: created ? 1 : 0), "\(item)")
    }
    #expect(story.ask(.trackUsers([TrackItem()])).refusal == .noValidItem)
    #expect(
      story.ask(.trackUsers(.init(repeating: TrackItem(externalID: "c1"), count: 76))).refusal
        == .tooMany(limit: 75, what: .track))
  }

  @Test func `has at most one alias a label, and shares none`() {
    var story = Story()
    story.users("c1", "c2")
    let answer = story.ask(
      .addAliases([
        AddAlias(externalID: "c1", alias: alias("a")),
        AddAlias(externalID: "c1", alias: alias("b")),
        AddAlias(externalID: "c2", alias: alias("a")),
        AddAlias(externalID: "nobody", alias: alias("z")),
        AddAlias(externalID: nil, alias: alias("c")),
      ]))
    #expect(answer.errors == [.labelTaken("email"), .unknownExternalID])
    #expect(story.kinds(after: Position(5)) == ["identifierAdded", "userCreated"])
  }

  @Test func `changes an alias in two events, from a known name to a free one`() {
    var story = Story()
    story.ask(
      .addAliases(["a", "b"].map { AddAlias(externalID: nil, alias: alias($0)) }))
    let end = story.end
    let answer = story.ask(
      .updateAliases([
        UpdateAlias(label: "email", oldName: "a", newName: "b"),
        UpdateAlias(label: "email", oldName: "x", newName: "y"),
        UpdateAlias(label: "email", oldName: "a", newName: "c"),
      ]))
    #expect(answer.errors == [.aliasTaken, .unknownAlias])
    #expect(story.kinds(after: end) == ["identifierRemoved", "identifierAdded"])
    #expect(story.add("email:a", "email:c") == [.unknown, .added])
  }

  @Test func `does not lose a device to another`() {
    var story = Story()
    story.users("c1")
    story.ask(.trackUsers([TrackItem(device: "d")]))
    let items = [TrackItem(externalID: "c1", device: "d"), TrackItem(externalID: "c1")]
    #expect(story.ask(.trackUsers(items)).errors == [.deviceTaken])
  }

  @Test func `keeps its memberships when it gets an external id that nobody has`() {
    var story = Story()
    story.ask(.trackUsers([TrackItem(device: "d")]))
    story.add("#d")
    story.ask(.identifyUsers([IdentifyUser(externalID: "c1", user: .device("d"))]))
    #expect(story.kinds(after: .origin).last == "userIdentified")
    #expect(story.members() == [user(1)])
    #expect(story.add("#d") == [.identified])
  }

  @Test func `is merged when somebody has the external id, unless a label is taken`() {
    var story = Story()
    story.users("c1")
    story.ask(
      .addAliases([
        AddAlias(externalID: "c1", alias: alias("a")), AddAlias(externalID: nil, alias: alias("b")),
        AddAlias(externalID: nil, alias: alias("5", label: "phone")),
      ]))
    story.add("phone:5")
    let answer = story.ask(
      .identifyUsers([
        IdentifyUser(externalID: "c1", user: .alias(alias("b"))),
        IdentifyUser(externalID: "c1", user: .alias(alias("5", label: "phone"))),
        IdentifyUser(externalID: "c1", user: .alias(alias("a"))),
        IdentifyUser(externalID: "c9", user: .alias(alias("a"))),
        IdentifyUser(externalID: "c1", user: .alias(alias("x"))),
      ]))
    #expect(answer.errors == [.labelTaken("email"), .alreadyIdentified, .unknownAlias])
    #expect(story.kinds(after: .origin).last == "usersMerged")
    #expect(story.members() == [user(1)])
  }

  @Test func `is another one when it is created again`() {
    var story = Story()
    story.users("c1")
    story.add("c1")
    #expect(
      story.ask(.deleteUsers([.externalID("c1"), .externalID("c1")], erase: nil))
        == .success(
          .deletedUsers(
            [DeletedUser(user: user(1), externalID: "c1")],
            errors: [ItemError(index: 1, refusal: .unknownUser)])))
    #expect(story.members().isEmpty)
    story.users("c1")
    #expect(story.user("c1") == user(2))
    #expect(story.ledger.bearings(of: .externalID(PersonalText("c1"))).map(\.user).count == 2)
  }
}
