// stdout_format, stdout_prefix and their like, and what [supervisord] says for all.
#include <gtest/gtest.h>

#include "config/comparison.h"
#include "unit/config/load_fixture.h"

namespace upkeep::config {
namespace {

class OutputLooks : public LoadTest {
 protected:
  Process with(const std::string& shared, const std::string& own) {
    return process("[supervisord]\n" + shared + "[program:web]\ncommand=x\n" + own);
  }
};

TEST_F(OutputLooks, AreRawUnlessAskedFor) {
  const Process process = with("", "");
  EXPECT_EQ(process.out.format, OutputFormat::Raw);
  EXPECT_EQ(process.err.format, OutputFormat::Raw);
  EXPECT_EQ(process.out.prefix, "");
  EXPECT_FALSE(process.essential);
}

TEST_F(OutputLooks, AreGivenForEachChannel) {
  const Process process = with("", "stdout_format=json\nstderr_prefix=%(program_name)s/%(process_num)d |\n");
  EXPECT_EQ(process.out.format, OutputFormat::Json);
  EXPECT_EQ(process.err.format, OutputFormat::Lines) << "a prefix asks for them";
  EXPECT_EQ(process.err.prefix, "web/0 | ");
}

TEST_F(OutputLooks, OfTheDaemonHoldForEveryProgram) {
  const Process lines = with("output_prefix=%(group_name)s:%(process_name)s>\n", "");
  EXPECT_EQ(lines.out.format, OutputFormat::Lines);
  EXPECT_EQ(lines.out.prefix, "web:web> ");
  EXPECT_EQ(lines.err.prefix, "web:web> ");
  const Process bare = with("output_format=LINES\n", "");
  EXPECT_EQ(bare.out.format, OutputFormat::Lines);
  EXPECT_EQ(bare.out.prefix, "");
}

TEST_F(OutputLooks, AProgramHasTheLastWord) {
  const std::string shared = "output_format=json\noutput_prefix=%(program_name)s |\n";
  EXPECT_EQ(with(shared, "").out.format, OutputFormat::Json);
  EXPECT_EQ(with(shared, "stdout_format=raw\n").out.format, OutputFormat::Raw);
  EXPECT_EQ(with(shared, "stdout_format=lines\n").out.prefix, "web | ");
  EXPECT_EQ(with(shared, "stdout_prefix=mine\n").out.prefix, "mine ");
  const Process without = with(shared, "stdout_prefix=\n");
  EXPECT_EQ(without.out.format, OutputFormat::Lines);
  EXPECT_EQ(without.out.prefix, "");
  EXPECT_EQ(with(shared, "redirect_stderr=true\n").err.format, OutputFormat::Raw) << "there is none";
}

TEST_F(OutputLooks, OfTheDaemonsOwnLines) {
  EXPECT_EQ(good("[supervisord]\n").daemon.log_format, OutputFormat::Raw);
  EXPECT_EQ(good("[supervisord]\noutput_format=lines\n").daemon.log_format, OutputFormat::Raw);
  EXPECT_EQ(good("[supervisord]\noutput_format=json\n").daemon.log_format, OutputFormat::Json);
}

TEST_F(OutputLooks, WhatMakesNoSenseIsTold) {
  expect_program_error("stdout_format=xml", "invalid output format 'xml', use raw, lines or json");
  expect_program_error("stderr_prefix=%(nope)s",
                       "Format string '%(nope)s' for 'stderr_prefix' contains names ('nope') which cannot be expanded. "
                       "Available names: ENV_HOME, ENV_PATH, group_name, here, host_node_name, numprocs, process_name, "
                       "process_num, program_name");
  expect_program_error("stdout_prefix=a\n b", "stdout_prefix must be on one line");
  EXPECT_TRUE(has_notice(good("[supervisord]\n[program:web]\ncommand=x\nstdout_prefix=a\nstdout_format=json\n"),
                         LogLevel::Warn,
                         "For [program:web], stdout_prefix has been ignored, as stdout_format is not lines"));
}

TEST_F(OutputLooks, AreChangesOfTheGroup) {
  const auto group = [&](const std::string& own) {
    return good("[supervisord]\n[program:web]\ncommand=x\n" + own).groups.front();
  };
  EXPECT_FALSE(is_unchanged(group(""), group("stdout_format=json\n")));
  EXPECT_FALSE(is_unchanged(group(""), group("stderr_prefix=x\n")));
  EXPECT_FALSE(is_unchanged(group(""), group("essential=true\n")));
  EXPECT_TRUE(is_unchanged(group(""), group("stdout_format=raw\nessential=false\n")));
}

}  // namespace
}  // namespace upkeep::config
