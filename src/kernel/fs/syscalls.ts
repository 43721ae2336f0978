// The system calls of this room: importing a file declares its calls.
import './open';
import './read_write';
import './stat';
import './readdir';
import './namei_modify';
import './fcntl';
import './locks';
import './pipe';
import './select';
import './eventfd';
import './eventpoll';
import './xattr';
import './utimes';
import './timerfd';
import './memfd';
import './splice';
