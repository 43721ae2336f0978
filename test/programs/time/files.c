// Files and folders come and go.
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
  mkdir("/tmp/time-files", 0755);
  chdir("/tmp/time-files");
  for (int i = 0; i < 5; i++) {
    char name[16];
    snprintf(name, sizeof name, "file%d", i);
    int fd = open(name, O_CREAT | O_RDWR, 0644);
    for (int k = 0; k <= i; k++) write(fd, name, 5);
    lseek(fd, 5000, SEEK_SET);
    write(fd, "end", 3);
    close(fd);
  }
  rename("file3", "renamed");
  unlink("file1");
  symlink("renamed", "link");
  DIR *folder = opendir(".");
  long sizes = 0;
  int entries = 0;
  for (struct dirent *entry; (entry = readdir(folder)); entries++) {
    struct stat facts;
    if (!stat(entry->d_name, &facts) && S_ISREG(facts.st_mode)) sizes += facts.st_size;
  }
  closedir(folder);
  printf("%d entries, %ld bytes\n", entries, sizes);
  return 0;
}
