import CohortModel
import TestSupport
import Testing

private func from(_ text: String) -> NetworkAddress? { NetworkAddress(text) }

/// RULES §9 and the first table of CONTRACT, on the naive model.
@Suite struct `In the naive model, a key` {
  func author(
    _ code: Text = "p", partnerKey: Digest? = Story.partnerKey,
    importKey: Digest? = Story.importKey, at address: String = "10.0.0.1"
  ) -> Author {
    .partner(
      PartnerCredentials(
        code: code, partnerKey: partnerKey, dataImportKey: importKey,
        address: from(address)))
  }

  func dataImport(
    _ partner: Text, _ number: Int, networks: [String] = [], expires: Instant? = nil
  ) -> Wish {
    .issueKey(
      IssueKey(
        kind: .dataImport, partner: partner, label: "l",
        networks: networks.compactMap { Network($0) }, expiresAt: expires,
        digest: Vocabulary.digest(.dataImport, number)))
  }

  let check = Wish.changeMembers(Story.changing("vip", []))

  @Test func `is checked in the order of the table`() {
    var story = Story()
    story.ask(.enablePartner(EnablePartner(code: "q", displayName: nil, key: .none)))
    story.ask(dataImport("q", 2))
    story.ask(dataImport("p", 3, networks: ["10.0.0.0/8"]))
    let other = Vocabulary.digest(.dataImport, 2)
    let bound = Vocabulary.digest(.dataImport, 3)
    #expect(story.ask(check, as: author("x")).refusal == .invalidPartnerKey)
    #expect(story.ask(check, as: author("q")).refusal == .invalidPartnerKey)
    #expect(story.ask(check, as: author(partnerKey: nil)).refusal == .invalidPartnerKey)
    #expect(story.ask(check, as: author(importKey: nil)).refusal == .invalidClientSecret)
    #expect(
      story.ask(check, as: author(importKey: Story.partnerKey)).refusal == .invalidClientSecret)
    #expect(
      story.ask(check, as: author(importKey: other)).refusal
        == .partnerNotEnabled)
    #expect(
      story.ask(check, as: author(importKey: bound, at: "11.0.0.1")).refusal
        == .unauthorizedNetwork)
    #expect(story.ask(check, as: author(importKey: bound)).refusal == nil)
    story.ask(.disablePartner("p"))
    #expect(
      story.ask(check, as: author()).refusal == .partnerNotEnabled)
  }

  @Test func `is valid before its expiry and until it is invalidated`() {
    var story = Story()
    let expiry = Instant(microseconds: story.time.microseconds + 3 * Story.second)
    story.ask(dataImport("p", 2, expires: expiry))
    let author = author(importKey: Vocabulary.digest(.dataImport, 2))
    #expect(story.ask(check, as: author).refusal == nil)
    #expect(story.ask(check, as: author).refusal == .invalidClientSecret, "at its expiry")
    story.ask(.invalidateKey(KeyID(1)))
    #expect(story.ask(check, as: self.author()).refusal == .invalidPartnerKey)
    #expect(story.ask(.invalidateKey(KeyID(9))).refusal == .unknownKey(KeyID(9)))
  }

  @Test func `of a partner is learned once, before the rest of the request, also by a key check`() {
    var story = Story()
    story.ask(.enablePartner(EnablePartner(code: "q", displayName: nil, key: .learned)))
    story.ask(dataImport("q", 2))
    let mine = Vocabulary.digest(.partner, 7)
    let key = Vocabulary.digest(.dataImport, 2)
    let end = story.end
    #expect(
      story.ask(check, as: author("q", partnerKey: mine, importKey: Story.importKey)).refusal
        == .partnerNotEnabled)
    #expect(story.end == end, "a refused request teaches nothing")
    let other = Vocabulary.digest(.partner, 8)
    #expect(story.ask(check, as: author("q", partnerKey: mine, importKey: key)).refusal == nil)
    #expect(story.kinds(after: end) == ["keyIssued"])
    #expect(story.ledger.facts.last?.key == KeyID(3), "caused by the data import key")
    #expect(
      story.ask(check, as: author("q", partnerKey: other, importKey: key)).refusal
        == .invalidPartnerKey)
  }

  @Test func `grants only what it has`() {
    var story = Story()
    func rest(_ number: Int, _ permissions: Permissions) -> Wish {
      .issueKey(
        IssueKey(
          kind: .rest, partner: nil, label: "l", permissions: permissions,
          digest: Vocabulary.digest(.rest, number)))
    }
    story.ask(rest(1, Permissions([.keysManage, .usersTrack])))
    let bearer = Author.bearer(Vocabulary.digest(.rest, 1), from: nil, needs: .keysManage)
    #expect(
      story.ask(rest(2, Permissions([.usersMerge])), as: bearer).refusal
        == .cannotGrant(.usersMerge))
    #expect(story.ask(rest(2, Permissions([.usersTrack])), as: bearer).refusal == nil)
    #expect(story.ledger.activity(of: KeyID(3)).writes == 1)
    let second = Author.bearer(Vocabulary.digest(.rest, 2), from: nil, needs: .keysManage)
    #expect(story.ask(check, as: second).refusal == .accessDenied(.keysManage))
    #expect(
      story.ask(check, as: .bearer(.zero, from: nil, needs: .keysManage)).refusal
        == .invalidAPIKey)
    #expect(story.ask(rest(2, [])).refusal == .keyDigestTaken)
  }
}

@Suite struct `A key that is limited` {
  private static let limit = Instant(microseconds: 2_000_000_000_000_000)

  /// Issues a limited REST key, and asks it for another one.
  ///
  /// - Returns: What the naive model and the real one answer, if they agree.
  private func answer(
    networks: [String], expires: Instant?, child: [String], expires end: Instant?,
    kind: KeyKind = .rest
  ) -> Refusal? {
    func rest(
      _ kind: KeyKind, _ number: Int, _ networks: [String], _ expiry: Instant?
    ) -> Wish {
      .issueKey(
        IssueKey(
          kind: kind, partner: kind == .rest ? nil : "p", label: "l",
          permissions: kind == .rest ? Permissions([.keysManage]) : [],
          networks: networks.compactMap { Network($0) }, expiresAt: expiry,
          digest: Vocabulary.digest(kind, number)))
    }
    let author = Author.bearer(
      Vocabulary.digest(.rest, 7), from: from("10.0.0.1"), needs: .keysManage)
    var story = Story()
    var real = LedgerState(hashSeed: 1)
    let partner = Wish.enablePartner(EnablePartner(code: "p", displayName: nil, key: .none))
    let parent = rest(.rest, 7, networks, expires)
    #expect(story.ask(parent).refusal == nil)
    let asked = rest(kind, 8, child, end)
    let found = story.ask(asked, as: author).refusal
    func refusal(of wish: Wish, by author: Author) -> Refusal? {
      var draft = Draft(at: Instant(microseconds: 1))
      do throws(Refusal) {
        _ = try real.perform(Command(author: author, wish: wish), into: &draft)
        return nil
      } catch { return error }
    }
    for wish in [partner, parent] { #expect(refusal(of: wish, by: .local) == nil) }
    let refusal = refusal(of: asked, by: author)
    #expect(refusal == found)
    return found
  }

  @Test(arguments: KeyKind.allCases)
  func `issues none that nobody could use`(_ kind: KeyKind) throws {
    for offset in Int64(-2)...2 {
      var story = Story()
      // Asking takes a second.
      let now = Instant(microseconds: story.time.microseconds + Story.second)
      let end = Instant(microseconds: now.microseconds + offset)
      let wish = Wish.issueKey(
        IssueKey(
          kind: kind, partner: kind == .rest ? nil : "p", label: "l", expiresAt: end,
          digest: Vocabulary.digest(kind, 8)))
      let expected = offset > 0 ? nil : Refusal.alreadyExpired(end)
      #expect(story.ask(wish).refusal == expected)
      var real = LedgerState(hashSeed: 1)
      var draft = Draft(at: now)
      let partner = Wish.enablePartner(EnablePartner(code: "p", displayName: nil, key: .none))
      _ = try real.perform(Command(author: .local, wish: partner), into: &draft)
      var found: Refusal?
      do throws(Refusal) {
        _ = try real.perform(Command(author: .local, wish: wish), into: &draft)
      } catch { found = error }
      #expect(found == expected)
    }
  }

  @Test(arguments: KeyKind.allCases)
  func `issues none that outlives it`(_ kind: KeyKind) {
    let limit = Self.limit
    func at(_ offset: Int64) -> Instant { Instant(microseconds: limit.microseconds + offset) }
    for (end, isRefused) in [(nil, true), (at(1), true), (at(0), false), (at(-1), false)] {
      let refusal = answer(networks: [], expires: limit, child: [], expires: end, kind: kind)
      #expect(refusal == (isRefused ? .cannotOutlive(limit) : nil))
      #expect(answer(networks: [], expires: nil, child: [], expires: end, kind: kind) == nil)
    }
  }

  @Test(arguments: KeyKind.allCases)
  func `issues none that admits more`(_ kind: KeyKind) {
    let own = ["10.0.0.0/8", "2001:db8::/32"]
    let refusal = Refusal.cannotAdmit(own.compactMap { Network($0) })
    for (child, isRefused) in [
      ([], true), (["10.0.0.0/8"], false), (["10.1.0.0/16", "2001:db8:1::/48"], false),
      (["10.0.0.0/7"], true), (["11.0.0.1"], true), (["10.0.0.1", "11.0.0.1"], true),
      (["0.0.0.0/0"], true), (["::/0"], true), (["2001:db8::/31"], true), (["10.0.0.1"], false),
      (["::ffff:10.0.0.1"], false),
    ] {
      let found = answer(networks: own, expires: nil, child: child, expires: nil, kind: kind)
      #expect(found == (isRefused ? refusal : nil), "\(child)")
      #expect(answer(networks: [], expires: nil, child: child, expires: nil, kind: kind) == nil)
    }
  }
}

@Suite struct `In the naive model, an idempotency key` {
  func again(_ key: String, _ body: UInt64 = 1) -> Idempotency {
    Idempotency(key: Array(key.utf8), fingerprint: Digest(body, 0, 0, 0))
  }

  @Test func `makes a repeated request one request, and another body a conflict`() {
    var story = Story()
    let wish = Wish.trackUsers([TrackItem(externalID: "a"), TrackItem(externalID: "b")])
    story.ask(wish, again: again("k"))
    let end = story.end
    guard case .success(.repeated(let receipt, let position)) = story.ask(wish, again: again("k"))
    else { return #expect(Bool(false), "it was not recognised") }
    #expect(position == end)
    #expect(receipt.status == 201)
    #expect(story.ask(wish, again: again("k", 2)).refusal == .idempotencyKeyReused)
    #expect(story.end == end)
  }

  @Test func `is forgotten when nothing was recorded, and behind the window`() {
    var story = Story()
    story.ledger = NaiveLedger(idempotencyWindow: 2)
    let nothing = Wish.removeExternalIDs(["x"])
    #expect(story.ask(nothing, again: again("k")).errors == [.unknownExternalID])
    #expect(story.ask(nothing, again: again("k")).errors == [.unknownExternalID])
    for (index, key) in ["1", "2", "3"].enumerated() {
      story.ask(.trackUsers([TrackItem(externalID: Text("c\(index)"))]), again: again(key))
    }
    let wish = Wish.trackUsers([TrackItem(externalID: "c0")])
    #expect(story.ask(wish, again: again("1")) == .success(.items(processed: 1, errors: [])))
    guard case .success(.repeated) = story.ask(wish, again: again("2")) else {
      return #expect(Bool(false), "it was forgotten too early")
    }
  }
}
