#include "rpc/authorization.h"

#include <gtest/gtest.h>

#include "wire/http.h"

namespace upkeep::rpc {
namespace {

const config::Credentials kPlain{"joe", "s3cret"};
const config::Credentials kHashed{"thomas", "{SHA}82ab876d1387bfafe46cc1c8a2ef074eae50cb1d"};  // "thepassword"

Verdict judge(const std::string& header, const config::Credentials& wanted = kPlain) {
  return judge_authorization(header, wanted);
}

std::string basic(const std::string& token) { return "Basic " + wire::base64_encode(token); }

TEST(Authorization, ComparesPlainPasswords) {
  EXPECT_EQ(judge("Basic am9lOnMzY3JldA=="), Verdict::Welcome);
  EXPECT_EQ(judge("BASIC am9lOnMzY3JldA=="), Verdict::Welcome);
  EXPECT_EQ(judge("Basic  am9lOnMzY3JldA=="), Verdict::Welcome);
  EXPECT_EQ(judge(basic("joe:s3cre")), Verdict::Unauthorized);
  EXPECT_EQ(judge(basic("joe:s3creT")), Verdict::Unauthorized);
  EXPECT_EQ(judge(basic("jo:s3cret")), Verdict::Unauthorized);
  EXPECT_EQ(judge(basic("joe:")), Verdict::Unauthorized);
  EXPECT_EQ(judge(basic("joe:a:b"), {"joe", "a:b"}), Verdict::Welcome);
}

TEST(Authorization, ComparesHashes) {
  EXPECT_EQ(judge(basic("thomas:thepassword"), kHashed), Verdict::Welcome);
  EXPECT_EQ(judge(basic("thomas:thepasswort"), kHashed), Verdict::Unauthorized);
  EXPECT_EQ(judge(basic("thomas:82ab876d1387bfafe46cc1c8a2ef074eae50cb1d"), kHashed), Verdict::Unauthorized);
  EXPECT_EQ(judge(basic("thomas:" + kHashed.password), kHashed), Verdict::Unauthorized);
  EXPECT_EQ(judge(basic("thomas:thepassword"), {"thomas", "{SHA}82AB876D1387BFAFE46CC1C8A2EF074EAE50CB1D"}),
            Verdict::Welcome);
}

// Texts are compared by digests, so no length is told by an early end, and none is special.
TEST(Authorization, LengthsMakeNoDifference) {
  for (const std::size_t length : std::initializer_list<std::size_t>{0, 1, 19, 20, 21, 40, 55, 56, 64, 1000}) {
    const std::string text(length, 'x');
    EXPECT_EQ(judge(basic("joe:" + text), {"joe", text}), Verdict::Welcome) << length;
    EXPECT_EQ(judge(basic("joe:" + text + "x"), {"joe", text}), Verdict::Unauthorized) << length;
    EXPECT_EQ(judge(basic(text + ":p"), {text, "p"}), Verdict::Welcome) << length;
    EXPECT_EQ(judge(basic(text + "x:p"), {text, "p"}), Verdict::Unauthorized) << length;
  }
}

TEST(Authorization, ABrokenHashFitsNothing) {
  for (const std::string& hash : {std::string{}, std::string(39, '0'), std::string(41, '0'), std::string(40, 'g'),
                                  std::string(38, '0') + "-1", std::string(38, '0') + " 1"}) {
    EXPECT_EQ(judge(basic("joe:x"), {"joe", "{SHA}" + hash}), Verdict::Unauthorized) << hash;
    EXPECT_EQ(judge(basic("joe:" + hash), {"joe", "{SHA}" + hash}), Verdict::Unauthorized) << hash;
  }
}

TEST(Authorization, TellsStrangersFromNonsense) {
  EXPECT_EQ(judge_authorization(std::nullopt, kPlain), Verdict::Unauthorized);
  EXPECT_EQ(judge(""), Verdict::Unauthorized);
  EXPECT_EQ(judge("Basic"), Verdict::Unauthorized);
  EXPECT_EQ(judge("Digest am9lOnMzY3JldA=="), Verdict::Unauthorized);
  EXPECT_EQ(judge(basic("no colon")), Verdict::Unauthorized);
  EXPECT_EQ(judge("Basic ???"), Verdict::Malformed);
}

}  // namespace
}  // namespace upkeep::rpc
