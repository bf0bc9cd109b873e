import CohortModel
import CohortSync
import CohortWire
import Testing

@Suite struct `A reader of a ledger` {
  private static let cohort = CohortName(partner: "shop", cohortID: "v/i p?")
  private static let path = "http://ledger/ledger/cohorts/shop/v%2Fi%20p%3F"

  private func reader(_ web: WebScript) -> LedgerReader {
    LedgerReader("http://ledger", SecretText(Array("rk-read".utf8)), web, clock: JumpingClock()) {
      Instant(microseconds: 0)
    }
  }

  private func members(_ web: WebScript) -> Result<[UserID], LedgerUnread> {
    var users: [UserID] = []
    do throws(LedgerUnread) {
      try reader(web).members(of: Self.cohort) { users.append($0.user) }
      return .success(users)
    } catch { return .failure(error) }
  }

  private static func member(_ user: Int64) -> JSONText {
    ["user": .integer(user), "external_id": .null, "aliases": [], "device_ids": []]
  }

  @Test func `reads all members page by page, with what names them`() throws {
    let web = WebScript { request in
      switch request.url {
      case Self.path + "/members?limit=10000":
        WebAnswer(
          200,
          [
            "count": 3,
            "members": [
              [
                "user": 1, "external_id": "a",
                "aliases": [["alias_label": "email", "alias_name": "a@b"]], "device_ids": ["d"],
              ], Self.member(2),
            ], "next": "x&/",
          ])
      case Self.path + "/members?limit=10000&next=x%26%2F":
        WebAnswer(200, ["count": 3, "members": [Self.member(7)]])
      default: nil
      }
    }
    var found: [LedgerMember] = []
    try reader(web).members(of: Self.cohort) { found.append($0) }
    #expect(
      found == [
        LedgerMember(
          user: UserID(1), externalID: [0x61], aliases: [Alias(label: "email", name: "a@b")],
          deviceIDs: [[0x64]]), LedgerMember(user: UserID(2), externalID: nil),
        LedgerMember(user: UserID(7), externalID: nil),
      ])
    for request in web.seen {
      #expect(request.headers.first { $0.name == "Authorization" }?.value == "Bearer rk-read")
      #expect(!request.url.contains("rk-read"))
    }
  }

  @Test func `asks again for what got no answer, and gives up in the end`() {
    for (failures, isRead) in [(0, true), (4, true), (5, false)] {
      let web = WebScript { _ in nil }
      let flaky = WebScript { request in
        _ = try? web.send(request)
        guard web.seen.count > failures else {
          return web.seen.count.isMultiple(of: 2) ? WebAnswer(503, [:]) : nil
        }
        return WebAnswer(200, ["count": 1, "members": [Self.member(9)]])
      }
      let result = members(flaky)
      if isRead {
        #expect(result == .success([UserID(9)]))
      } else {
        #expect((try? result.get()) == nil)
        #expect(flaky.seen.count == 5)
      }
    }
  }

  @Test func `takes a list that is not whole for none`() {
    for answer: JSONText in [
      ["count": 2, "members": [Self.member(9)]], ["members": [Self.member(9)]], ["count": 1], [],
      ["count": 1, "members": [["user": 1]]],
      ["count": 1, "members": [["user": -1, "external_id": .null]]],
    ] {
      let result = members(WebScript { _ in WebAnswer(200, answer) })
      #expect((try? result.get()) == nil, "\(answer)")
    }
  }

  @Test func `finds nobody in a cohort that does not exist, and knows a stranger from a ledger`()
    throws
  {
    let absent = WebScript { _ in WebAnswer(404, ["message": "Not Found"]) }
    #expect(members(absent) == .success([]))
    #expect(try reader(absent).exists(Self.cohort) == false)
    #expect(try reader(absent).user(.externalID, [0x61]) == nil)
    #expect(throws: LedgerUnread.self) { try reader(absent).ledgerID() }
    let stranger = WebScript { _ in WebAnswer(status: 404, body: Array("<html>".utf8)) }
    #expect((try? members(stranger).get()) == nil)
    #expect(throws: LedgerUnread.self) { try reader(stranger).exists(Self.cohort) }
  }

  @Test(arguments: [401, 403, 409, 500])
  func `says why it is not answered, without the key`(_ status: Int) {
    let web = WebScript { _ in WebAnswer(status, ["message": "No"]) }
    do throws(LedgerUnread) {
      _ = try reader(web).exists(Self.cohort)
      Issue.record("it is answered")
    } catch {
      #expect(error.reason.contains("\(status)"))
      #expect(!error.reason.contains("rk-read"))
    }
  }

  @Test func `finds the user whom an identifier names`() throws {
    let web = WebScript { _ in WebAnswer(200, ["user": 17]) }
    let reader = reader(web)
    #expect(try reader.user(.externalID, Array("a+b".utf8)) == UserID(17))
    #expect(try reader.user(.device, Array("d".utf8)) == UserID(17))
    #expect(try reader.user(.alias(label: "e mail"), Array("ü".utf8)) == UserID(17))
    #expect(
      web.seen.map(\.url) == [
        "http://ledger/ledger/users?external_id=a%2Bb", "http://ledger/ledger/users?device_id=d",
        "http://ledger/ledger/users?alias_label=e%20mail&alias_name=%C3%BC",
      ])
  }

  @Test func `previews a request instead of sending it`() throws {
    let web = WebScript { request in
      guard request.url == "http://ledger/ledger/preview",
        let root = (try? JSONDocument(parsing: request.body))?.root,
        root["path"]?.string.map({ Array($0) }) == Array("/partners/shop/cohorts/users".utf8),
        root["body"]?["cohort_changes"]?.count == 1,
        request.headers.contains(where: { $0.name == "Prefer" })
      else { return nil }
      return WebAnswer(
        200,
        [
          "as_of": ["position": 3], "status": 201,
          "body": [
            "message": "success", "position": 3,
            "results": [
              ["user_id": "a", "outcome": "merged", "survivor": ["user": 5]],
              ["user_id": "b\n", "outcome": "added"],
            ],
          ],
        ])
    }
    let courier = Courier(reader(web).preview, Keys.both, clock: JumpingClock(), seed: 0)
    let delivered = courier.carry(parcel(adding: ["a", "b\n"]), stop: StopSign()) { _ in }
    #expect(delivered.additions == [.merged, .added])
    #expect(delivered.survivors == [0: UserID(5)])
    #expect(delivered.position == Position(3))
    #expect(delivered.stopped == nil)
  }

  @Test func `hears of a preview that is refused what the ledger says of it`() throws {
    let web = WebScript { _ in
      WebAnswer(200, ["status": 423, "body": ["message": "Resource locked"]])
    }
    let courier = Courier(reader(web).preview, Keys.both, clock: JumpingClock(), seed: 0)
    let delivered = courier.carry(parcel(adding: ["a"]), stop: StopSign()) { _ in }
    #expect(delivered.stopped?.contains("423 'Resource locked'") == true)
  }
}
