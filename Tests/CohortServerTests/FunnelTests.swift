import CohortHTTP
import CohortLedger
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

@Suite struct `The one funnel` {
  @Test func `knows no other paths than the table`() throws {
    let house = try TestHouse()
    for path in ["/nothing", "/users", "/users/track/", "//", "/ledger/keys/1", "/console"] {
      let answer = house.get(path)
      #expect(answer.status == 404, "\(path)")
      #expect(answer.text == #"{"message":"Not Found"}"#)
      #expect(answer["Content-Type"] == "application/json")
    }
  }

  @Test func `names the methods that a path has`() throws {
    let house = try TestHouse()
    for route in Routes.all {
      let path = route.pattern.replacing("{", with: "").replacing("}", with: "")
      let methods = Set(Routes.all.filter { $0.pattern == route.pattern }.map(\.method))
      for method in RequestMethod.allCases {
        let asked: Method? =
          switch method {
          case .get, .head: .get
          case .post: .post
          case .delete: .delete
          default: nil
          }
        if let asked, methods.contains(asked) { continue }
        let answer = house.send(method, path)
        #expect(answer.status == 405, "\(method) \(path)")
        #expect(answer.message == "Method Not Allowed")
        for known in methods {
          #expect(answer["Allow"]?.contains(known.rawValue) == true, "\(method) \(path)")
        }
      }
    }
  }

  @Test func `says where the ledger stands, in every answer`() throws {
    let house = try TestHouse()
    let end = String(house.shop.ledger.now.end.rawValue)
    for path in ["/health", "/nothing", "/ledger/cohorts"] {
      #expect(house.get(path)["Ledger-Position"] == end)
    }
  }

  @Test func `tells whether the ledger is well, without any key`() throws {
    let house = try TestHouse()
    #expect(house.get("/health").status == 200)
    try house.shop.ledger.close()
    let answer = house.get("/health")
    #expect(answer.status == 503)
    #expect(answer.message == "Shutting down")
  }
}
