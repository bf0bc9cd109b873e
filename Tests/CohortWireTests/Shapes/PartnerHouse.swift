import CohortModel
import CohortWire

/// A small ledger in memory, with partners and keys of every state, and the way of a part 1 request
/// through it: body, keys, fields, decision.
struct PartnerHouse {
  var state = LedgerState(hashSeed: 41)
  static let now = Instant(microseconds: 1_000_000_000)
  private static let before = Instant(microseconds: 999_000_000)
  private(set) var draft = Draft(at: now)

  init() {
    for code in ["hightouch", "segment", "closed"] {
      submit(
        .enablePartner(
          EnablePartner(code: Text(code), displayName: nil, key: .digest(digest("pk-\(code)")))))
      issue("dik-\(code)", partner: Text(code))
    }
    submit(.enablePartner(EnablePartner(code: "learner", displayName: nil, key: .learned)))
    issue("dik-learner", partner: "learner")
    submit(.disablePartner("closed"))
    issue("dik-dead", partner: "hightouch")
    submit(.invalidateKey(KeyID(UInt32(state.keys.records.count))))
    issue("dik-old", partner: "hightouch", expiresAt: Self.now, at: Self.before)
    issue("dik-far", partner: "hightouch", networks: ["10.0.0.0/8"])
    submit(
      .issueKey(
        IssueKey(
          kind: .rest, partner: nil, label: "rest", permissions: .all, digest: digest("rk-all"))))
    submit(.addAliases([AddAlias(externalID: nil, alias: Alias(label: "crm", name: "a"))]))
    submit(.trackUsers(["u1", "u2", "u3"].map { TrackItem(externalID: $0) }))
    submit(.trackUsers([TrackItem(device: "d1")]))
    let name = CohortName(partner: "hightouch", cohortID: "archived")
    submit(.nameCohort(NameCohort(cohort: name, name: "Old", createdAt: Self.now)))
    submit(.archiveCohort(name))
  }

  private mutating func issue(
    _ secret: String, partner: Text, networks: [String] = [], expiresAt: Instant? = nil,
    at time: Instant = Self.now
  ) {
    submit(
      .issueKey(
        IssueKey(
          kind: .dataImport, partner: partner, label: "warehouse",
          networks: networks.compactMap { Network($0) }, expiresAt: expiresAt,
          digest: digest(secret))), at: time)
  }

  /// Carries out a command of the operator that must succeed.
  @discardableResult mutating func submit(_ wish: Wish, at time: Instant = Self.now) -> Answer {
    draft.begin(at: time)
    do {
      return try state.perform(Command(author: .local, wish: wish), into: &draft)
    } catch { preconditionFailure("\(error)") }
  }

  /// The whole way of a request to `path`, as a server goes it.
  mutating func post(
    _ path: String, _ body: [UInt8], from address: String = "192.0.2.1", wantsResults: Bool = false
  ) -> Reply {
    do throws(WireError) {
      let match = try Routes.find(.post, path).get()
      let body = try JSONValue(body: body)
      var author = Author.local
      if match.kind.hasKeysInBody {
        author = .partner(
          PartnerCredentials(
            body: body, partner: match.id(0), from: NetworkAddress(address), digest: digest))
        try wired { state throws(Refusal) in _ = try state.check(author, at: Self.now) }
      }
      let request = try WriteRequest(match, body: body, wantsResults: wantsResults)
      guard case .wish(let wish) = request.action else {
        return request.replyToNothing(at: state.position)
      }
      do throws(Refusal) {
        draft.begin(at: Self.now)
        let answer = try state.perform(Command(author: author, wish: wish), into: &draft)
        return request.reply(
          answer, at: state.position, ReplyContext(names: Names(state)))
      } catch { throw request.error(error) }
    } catch { return error.reply }
  }

  mutating func post(_ path: String, _ body: String) -> Reply { post(path, Array(body.utf8)) }

  private mutating func wired(
    _ body: (LedgerState) throws(Refusal) -> Void
  ) throws(WireError) {
    do throws(Refusal) { try body(state) } catch { throw WireError(error) }
  }
}

/// Some digest: different texts, different digests.
func digest(_ text: Span<UInt8>) -> Digest {
  var words: [UInt64] = [1, 2, 3, 4]
  for at in text.indices {
    for word in words.indices {
      words[word] = (words[word] ^ UInt64(text[at])) &* 0x9E37_79B9_7F4A_7C15
      words[word] ^= words[word] >> 29
    }
  }
  return Digest(words[0], words[1], words[2], words[3])
}

func digest(_ text: String) -> Digest { digest(text.utf8.span) }

extension Reply {
  var text: String { String(decoding: body, as: UTF8.self) }

  /// The message of the body.
  var message: String? {
    (try? JSONValue(body: body))?["message"]?.string.map { String(decoding: $0, as: UTF8.self) }
  }
}
